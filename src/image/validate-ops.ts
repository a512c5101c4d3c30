/** docs/format.md, "What a reader checks", 5: every op by itself. */
import { Activation, LIMITS, ModelKind, NONE } from '../schema/image.js';
import type { Fail } from './fault.js';
import { inputsOf, wideStateOf, type Op, type OpOf, type RecurrentOp } from './ops.js';
import { PER_TOKEN, sameTime } from './time.js';
import type { HeaderValues } from './validate-header.js';
import { Constants, validateTable } from './validate-matrix.js';
import {
  ONE_STEP,
  Operands,
  OVER_TIME,
  PER_ROW_I32,
  PER_ROW_U8,
  WEIGHT,
  type Surroundings,
} from './validate-operands.js';
import { readRecord } from './validate-records.js';
import type { TensorInfo } from './validate-tensors.js';
import { validateConv, validatePool } from './validate-windows.js';

export function validateOps(view: DataView, header: HeaderValues, tensors: readonly TensorInfo[], fail: Fail): Op[] {
  const image: Surroundings = { header, tensors, constants: new Constants(view, tensors), owned: new Set(), fail };
  const end = header.ops.offset + header.ops.size;
  const ops: Op[] = [];
  let at = header.ops.offset;
  for (let index = 0; index < header.op_count; index++) {
    const [op, size] = readRecord(view, header, at, end, index, fail);
    validateOp(op, new Operands(op, index, image));
    ops.push(op);
    at += size;
  }
  if (at !== end) fail('bad_op', at, `${end - at} bytes follow the last op`);
  return ops;
}

function validateOp(op: Op, operands: Operands): void {
  switch (op.op) {
    case 'embedding':
      return embedding(operands, op);
    case 'lstm':
    case 'gru':
    case 'rnn':
      return recurrent(operands, op);
    case 'conv':
      return validateConv(operands, op);
    case 'pool':
      return validatePool(operands, op);
    case 'last_step':
      return lastStep(operands, op);
    case 'add':
    case 'mul':
      return elementwise(operands, op);
    case 'concat':
      return concat(operands, op);
    case 'linear':
      return linear(operands, op);
    case 'softmax':
      return softmax(operands, op);
  }
}

/** Values in a matrix for each hidden unit. */
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

function embedding(operands: Operands, op: OpOf<'embedding'>): void {
  const { header } = operands;
  const output = operands.operand('output', op.output, OVER_TIME);
  const table = operands.operand('table', op.table, WEIGHT);
  if ((op.multiplier === NONE) !== (op.shift === NONE))
    operands.refuse('bad_operand', 'has only one of multiplier and shift');
  const multiplier = operands.maybe('multiplier', op.multiplier, PER_ROW_I32);
  const shift = operands.maybe('shift', op.shift, PER_ROW_U8);
  const steps = header.kind === ModelKind.classifier ? header.max_tokens : 1;
  operands.shape('output', output, [steps, output.dims[1]!]);
  if (!sameTime(output.time, PER_TOKEN)) operands.refuse('bad_shape', 'has not one step a token');
  operands.shape('table', table, [header.vocab_size, output.dims[1]!]);
  if (multiplier) operands.shape('multiplier', multiplier, [header.vocab_size]);
  if (shift) operands.shape('shift', shift, [header.vocab_size]);
  validateTable(operands.constants, op, (code, why) => operands.refuse(code, why));
}

function recurrent(operands: Operands, op: RecurrentOp): void {
  const input = operands.operand('input', op.input, OVER_TIME);
  const output = operands.operand('output', op.output, OVER_TIME);
  operands.matrix('input_weights', op.input_weights);
  operands.matrix('recurrent_weights', op.recurrent_weights);
  if (op.input_weights.bias === NONE) operands.refuse('bad_operand', 'has no bias');
  if (op.op !== 'gru' && op.recurrent_weights.bias !== NONE) operands.refuse('bad_operand', 'has a second bias');
  const hidden = operands.operand('hidden', op.hidden, { kind: 'state', dtype: 'i8', rank: 1 });
  const wide = wideStateOf(op).map((id) =>
    operands.operand('wide state', id, { kind: 'state', dtype: 'i32', rank: 1 }),
  );
  const size = output.dims[1]!;
  operands.sameSteps('output', output, input);
  if (size > LIMITS.max_hidden)
    operands.refuse('bad_shape', `has ${size} units, at most ${LIMITS.max_hidden} expected`);
  const rows = GATES[op.op] * size;
  operands.matrixShape('input_weights', op.input_weights, rows, input.dims[1]!);
  operands.matrixShape('recurrent_weights', op.recurrent_weights, rows, size);
  operands.shape('hidden', hidden, [size]);
  for (const state of wide) operands.shape('wide state', state, [size]);
  operands.matrixValues(op.input_weights);
  operands.matrixValues(op.recurrent_weights);
}

/** A sequence becomes one step. */
function lastStep(operands: Operands, op: OpOf<'last_step'>): void {
  const input = operands.operand('input', op.input, OVER_TIME);
  const output = operands.operand('output', op.output, ONE_STEP);
  operands.shape('output', output, [input.dims[1]!]);
}

function elementwise(operands: Operands, op: OpOf<'add'> | OpOf<'mul'>): void {
  const rule = operands.eitherRank(op.inputs[0]!);
  const inputs = op.inputs.map((id, i) => operands.operand(`inputs[${i}]`, id, rule));
  const output = operands.operand('output', op.output, rule);
  for (const [i, input] of inputs.entries()) {
    operands.shape(`inputs[${i}]`, input, output.dims);
    operands.sameSteps(`inputs[${i}]`, input, output);
  }
}

function concat(operands: Operands, op: OpOf<'concat'>): void {
  const rule = operands.eitherRank(op.output);
  const output = operands.operand('output', op.output, rule);
  const inputs = inputsOf(op).map((id, i) => operands.operand(`inputs[${i}]`, id, rule));
  for (const [i, input] of inputs.entries()) operands.sameSteps(`inputs[${i}]`, input, output);
  const features = inputs.reduce((sum, t) => sum + t.dims.at(-1)!, 0);
  operands.shape('output', output, [...output.dims.slice(0, -1), features]);
}

function linear(operands: Operands, op: OpOf<'linear'>): void {
  const rule = operands.eitherRank(op.input);
  const input = operands.operand('input', op.input, rule);
  // Only what is clamped alone may be wide: the tables make Q0.7.
  const wide = operands.tensor(op.output)?.dtype === 'i16' && isClamp(op.activation);
  const output = operands.operand('output', op.output, { ...rule, dtype: wide ? 'i16' : 'i8' });
  operands.matrix('weights', op.weights);
  operands.sameSteps('output', output, input);
  operands.matrixShape('weights', op.weights, output.dims.at(-1)!, input.dims.at(-1)!);
  operands.matrixValues(op.weights);
}

function isClamp(activation: number): boolean {
  return activation === Activation.none || activation === Activation.relu;
}

function softmax(operands: Operands, op: OpOf<'softmax'>): void {
  const input = operands.operand('input', op.input, { kind: 'activation', dtype: 'i16', rank: 1 });
  const output = operands.operand('output', op.output, { kind: 'activation', dtype: 'u16', rank: 1 });
  operands.shape('output', output, input.dims);
}
