/** docs/format.md, "What a reader checks", 5: every op by itself. */
import { Activation, Direction, LIMITS, ModelKind, NONE, OP_STRUCTS, OpType, GruReset } from '../schema/image.js';
import type { Fail } from './fault.js';
import { optional, wideStateOf, type DenseIds, type Op, type OpOf, type RecurrentOp } from './ops.js';
import { Constants, validateMatrix, validateTable } from './validate-matrix.js';
import type { HeaderValues } from './validate-header.js';
import type { DTypeName, TensorInfo } from './validate-tensors.js';

export function validateOps(view: DataView, header: HeaderValues, tensors: readonly TensorInfo[], fail: Fail): Op[] {
  const constants = new Constants(view, tensors);
  const owned = new Set<number>();
  const end = header.ops.offset + header.ops.size;
  const ops: Op[] = [];
  let at = header.ops.offset;
  for (let index = 0; index < header.op_count; index++) {
    const [op, size] = readRecord(view, header, at, end, index, fail);
    new OpCheck(op, index, header, tensors, constants, owned, fail).run();
    ops.push(op);
    at += size;
  }
  if (at !== end) fail('bad_op', at, `${end - at} bytes follow the last op`);
  return ops;
}

/** Values in a matrix for each hidden unit. */
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

function readRecord(
  view: DataView,
  header: HeaderValues,
  at: number,
  end: number,
  index: number,
  fail: Fail,
): [Op, number] {
  const refuse = (why: string): never => fail('bad_op', at, `op ${index} ${why}`);
  if (end - at < 4) refuse('is missing');
  const type = view.getUint16(at, true);
  const size = view.getUint16(at + 2, true);
  const name = OpType.nameOf(type) ?? refuse(`has the unknown type ${type}`);
  const struct = OP_STRUCTS[name];
  if (size !== struct.size) refuse(`(${name}) has ${size} bytes, expected ${struct.size}`);
  if (end - at < size) refuse(`(${name}) is cut short`);
  const op = { op: name, at, ...struct.read(view, at) } as Op;
  if (('reserved' in op && op.reserved !== 0) || ('reserved2' in op && op.reserved2 !== 0))
    refuse('has a reserved field that is not 0');
  if ('direction' in op) {
    if (Direction.nameOf(op.direction) === undefined) refuse(`has the unknown direction ${op.direction}`);
    if (op.direction !== Direction.forward && header.kind !== ModelKind.classifier)
      refuse('runs against time in a language model');
  }
  if ('reset' in op && GruReset.nameOf(op.reset) === undefined) refuse(`has the unknown reset ${op.reset}`);
  if (op.op === 'mean_over_time' && op.shift > LIMITS.max_mean_shift) refuse(`has shift ${op.shift}`);
  if (op.op === 'conv1d' || op.op === 'linear') {
    if (Activation.nameOf(op.activation) === undefined) refuse(`has the unknown activation ${op.activation}`);
  }
  if (op.op === 'conv1d' && (op.width < 1 || op.width > LIMITS.max_width)) refuse(`has width ${op.width}`);
  if (op.op === 'concat') {
    if (op.count < 1 || op.count > LIMITS.max_concat_inputs) refuse(`has ${op.count} inputs`);
    if (op.inputs.slice(op.count).some((id) => id !== NONE)) refuse('names inputs past its count');
  }
  return [op, size];
}

/** What an operand must be. */
type Rule = { kind: TensorInfo['kind']; dtype: DTypeName; rank: number; time?: boolean };

const CHANNELS = { kind: 'activation', dtype: 'i8', rank: 1 } as const;
const OVER_TIME = { kind: 'activation', dtype: 'i8', rank: 2, time: true } as const;
const WEIGHT = { kind: 'constant', dtype: 'i8', rank: 2 } as const;
const PER_ROW_I32 = { kind: 'constant', dtype: 'i32', rank: 1 } as const;
const PER_ROW_U8 = { kind: 'constant', dtype: 'u8', rank: 1 } as const;

class OpCheck {
  constructor(
    private readonly op: Op,
    private readonly index: number,
    private readonly header: HeaderValues,
    private readonly tensors: readonly TensorInfo[],
    private readonly constants: Constants,
    /** Weights that already serve a matrix. */
    private readonly owned: Set<number>,
    private readonly fail: Fail,
  ) {}

  run(): void {
    const { op } = this;
    switch (op.op) {
      case 'embedding':
        return this.embedding(op);
      case 'lstm':
      case 'gru':
      case 'rnn':
        return this.recurrent(op);
      case 'conv1d':
        return this.conv1d(op);
      case 'max_over_time':
      case 'mean_over_time':
      case 'last_step':
        return this.pooling(op);
      case 'concat':
        return this.concat(op);
      case 'linear':
        return this.linear(op);
      case 'softmax':
        return this.softmax(op);
    }
  }

  private embedding(op: OpOf<'embedding'>): void {
    const output = this.operand('output', op.output, OVER_TIME);
    const table = this.operand('table', op.table, WEIGHT);
    if ((op.multiplier === NONE) !== (op.shift === NONE))
      this.refuse('bad_operand', 'has only one of multiplier and shift');
    const multiplier = this.maybe('multiplier', op.multiplier, PER_ROW_I32);
    const shift = this.maybe('shift', op.shift, PER_ROW_U8);
    const steps = this.header.kind === ModelKind.classifier ? this.header.max_tokens : 1;
    this.shape('output', output, [steps, output.dims[1]!]);
    this.shape('table', table, [this.header.vocab_size, output.dims[1]!]);
    if (multiplier) this.shape('multiplier', multiplier, [this.header.vocab_size]);
    if (shift) this.shape('shift', shift, [this.header.vocab_size]);
    validateTable(this.constants, op, (code, why) => this.refuse(code, why));
  }

  private recurrent(op: RecurrentOp): void {
    const input = this.operand('input', op.input, OVER_TIME);
    const output = this.operand('output', op.output, OVER_TIME);
    this.matrix('input_weights', op.input_weights);
    this.matrix('recurrent_weights', op.recurrent_weights);
    if (op.input_weights.bias === NONE) this.refuse('bad_operand', 'has no bias');
    if (op.op !== 'gru' && op.recurrent_weights.bias !== NONE) this.refuse('bad_operand', 'has a second bias');
    const hidden = this.operand('hidden', op.hidden, { kind: 'state', dtype: 'i8', rank: 1 });
    const wide = wideStateOf(op).map((id) => this.operand('wide state', id, { kind: 'state', dtype: 'i32', rank: 1 }));
    const size = output.dims[1]!;
    this.shape('output', output, [input.dims[0]!, size]);
    if (size > LIMITS.max_hidden) this.refuse('bad_shape', `has ${size} units, at most ${LIMITS.max_hidden} expected`);
    const rows = GATES[op.op] * size;
    this.matrixShape('input_weights', op.input_weights, rows, input.dims[1]!);
    this.matrixShape('recurrent_weights', op.recurrent_weights, rows, size);
    this.shape('hidden', hidden, [size]);
    for (const state of wide) this.shape('wide state', state, [size]);
    this.matrixValues(op.input_weights);
    this.matrixValues(op.recurrent_weights);
  }

  private conv1d(op: OpOf<'conv1d'>): void {
    const input = this.operand('input', op.input, OVER_TIME);
    const output = this.operand('output', op.output, OVER_TIME);
    this.matrix('weights', op.weights);
    this.shape('input', input, [output.dims[0]! + op.width - 1, input.dims[1]!]);
    this.matrixShape('weights', op.weights, output.dims[1]!, op.width * input.dims[1]!);
    this.matrixValues(op.weights);
  }

  /** A sequence becomes one step. */
  private pooling(op: OpOf<'max_over_time'> | OpOf<'mean_over_time'> | OpOf<'last_step'>): void {
    const input = this.operand('input', op.input, OVER_TIME);
    const output = this.operand('output', op.output, CHANNELS);
    this.shape('output', output, [input.dims[1]!]);
  }

  private concat(op: OpOf<'concat'>): void {
    const rule = this.tensors[op.output]?.time ? OVER_TIME : CHANNELS;
    const output = this.operand('output', op.output, rule);
    const inputs = op.inputs.slice(0, op.count).map((id, i) => this.operand(`inputs[${i}]`, id, rule));
    const steps = output.dims.slice(0, -1);
    inputs.forEach((input, i) => this.shape(`inputs[${i}]`, input, [...steps, input.dims.at(-1)!]));
    this.shape('output', output, [...steps, inputs.reduce((sum, t) => sum + t.dims.at(-1)!, 0)]);
  }

  private linear(op: OpOf<'linear'>): void {
    const input = this.operand('input', op.input, this.tensors[op.input]?.time ? OVER_TIME : CHANNELS);
    const wide = this.tensors[op.output]?.dtype === 'i16';
    const output = this.operand('output', op.output, {
      ...(input.time ? OVER_TIME : CHANNELS),
      dtype: wide ? 'i16' : 'i8',
    });
    this.matrix('weights', op.weights);
    const rows = output.dims.at(-1)!;
    if (input.time) this.shape('output', output, [input.dims[0]!, rows]);
    this.matrixShape('weights', op.weights, rows, input.dims.at(-1)!);
    this.matrixValues(op.weights);
  }

  private softmax(op: OpOf<'softmax'>): void {
    const input = this.operand('input', op.input, { kind: 'activation', dtype: 'i16', rank: 1 });
    const output = this.operand('output', op.output, { kind: 'activation', dtype: 'u16', rank: 1 });
    this.shape('output', output, input.dims);
  }

  private matrix(name: string, ids: DenseIds): void {
    this.operand(`${name}.weight`, ids.weight, WEIGHT);
    if (this.owned.has(ids.weight)) this.refuse('bad_operand', `shares ${name}.weight with another matrix`);
    this.owned.add(ids.weight);
    this.maybe(`${name}.bias`, ids.bias, PER_ROW_I32);
    this.operand(`${name}.multiplier`, ids.multiplier, PER_ROW_I32);
    this.operand(`${name}.shift`, ids.shift, PER_ROW_U8);
  }

  private matrixShape(name: string, ids: DenseIds, rows: number, columns: number): void {
    this.shape(`${name}.weight`, this.tensors[ids.weight]!, [rows, columns]);
    for (const part of ['bias', 'multiplier', 'shift'] as const) {
      const id = optional(ids[part]);
      if (id !== undefined) this.shape(`${name}.${part}`, this.tensors[id]!, [rows]);
    }
  }

  private matrixValues(ids: DenseIds): void {
    validateMatrix(this.constants, ids, (code, why) => this.refuse(code, why));
  }

  private maybe(name: string, id: number, rule: Rule): TensorInfo | undefined {
    return id === NONE ? undefined : this.operand(name, id, rule);
  }

  private operand(name: string, id: number, rule: Rule): TensorInfo {
    const tensor =
      this.tensors[id] ?? this.refuse('bad_operand', `names tensor ${id} as ${name}, which does not exist`);
    const { kind, dtype, rank, time = false } = rule;
    if (tensor.kind !== kind || tensor.dtype !== dtype || tensor.dims.length !== rank || tensor.time !== time)
      this.refuse(
        'bad_operand',
        `names tensor ${id} as ${name}, but needs ${kind} ${dtype} of rank ${rank}${time ? ' over time' : ''}`,
      );
    return tensor;
  }

  private shape(name: string, tensor: TensorInfo, dims: readonly number[]): void {
    if (tensor.dims.some((size, axis) => size !== dims[axis]))
      this.refuse('bad_shape', `has ${name} [${tensor.dims.join(', ')}], expected [${dims.join(', ')}]`);
  }

  private refuse(code: Parameters<Fail>[0], why: string): never {
    return this.fail(code, this.op.at, `op ${this.index} (${this.op.op}) ${why}`);
  }
}
