/** docs/format.md, "What a reader checks", 5.1: the fields of every op record. */
import {
  Activation,
  Direction,
  GruReset,
  LIMITS,
  ModelKind,
  NONE,
  OP_STRUCTS,
  OpType,
  OverTime,
  PoolMode,
} from '../schema/image.js';
import type { Fail } from './fault.js';
import type { Op, OpOf } from './ops.js';
import type { HeaderValues } from './validate-header.js';

type Refuse = (why: string) => never;
const U16_MAX = 0xffff;

/** Multipliers are normalized to 31 bits, or 0. */
export const isMultiplier = (m: number): boolean => m === 0 || (m >= 2 ** 30 && m < 2 ** 31);
export const isShift = (s: number): boolean => s >= 17 && s <= 62;

/** @returns the record at `at` and its size */
export function readRecord(
  view: DataView,
  header: HeaderValues,
  at: number,
  end: number,
  index: number,
  fail: Fail,
): [Op, number] {
  const refuse: Refuse = (why) => fail('bad_op', at, `op ${index} ${why}`);
  if (end - at < 4) refuse('is missing');
  const type = view.getUint16(at, true);
  const size = view.getUint16(at + 2, true);
  const name = OpType.nameOf(type) ?? refuse(`has the unknown type ${type}`);
  const struct = OP_STRUCTS[name];
  if (size !== struct.size) refuse(`(${name}) has ${size} bytes, expected ${struct.size}`);
  if (end - at < size) refuse(`(${name}) is cut short`);
  const op = { op: name, at, ...struct.read(view, at) } as Op;
  validateFields(op, header.kind === ModelKind.language_model, refuse);
  return [op, size];
}

function validateFields(op: Op, languageModel: boolean, refuse: Refuse): void {
  for (const [field, value] of Object.entries(op))
    if (field.startsWith('reserved') && value !== 0) refuse('has a reserved field that is not 0');
  if ('direction' in op) {
    if (Direction.nameOf(op.direction) === undefined) refuse(`has the unknown direction ${op.direction}`);
    if (op.direction !== Direction.forward && languageModel) refuse('runs against time in a language model');
  }
  if ('reset' in op && GruReset.nameOf(op.reset) === undefined) refuse(`has the unknown reset ${op.reset}`);
  if ('activation' in op && Activation.nameOf(op.activation) === undefined)
    refuse(`has the unknown activation ${op.activation}`);
  if (op.op === 'conv') validateConv(op, languageModel, refuse);
  if (op.op === 'pool') validatePool(op, languageModel, refuse);
  if (op.op === 'add' && op.multipliers.some((m) => m === -(2 ** 31))) refuse('has a multiplier of -2^31');
  if (op.op === 'mul' && !isMultiplier(op.multiplier)) refuse(`has multiplier ${op.multiplier}`);
  if ((op.op === 'add' || op.op === 'mul') && !isShift(op.shift)) refuse(`has shift ${op.shift}`);
  if (op.op === 'concat') {
    if (op.count < 1 || op.count > LIMITS.max_concat_inputs) refuse(`has ${op.count} inputs`);
    if (op.inputs.slice(op.count).some((id) => id !== NONE)) refuse('names inputs past its count');
  }
}

function ranges(refuse: Refuse) {
  return (name: string, values: readonly number[], low: number, high: number): void => {
    if (values.some((v) => v < low || v > high)) refuse(`has ${name} ${values.join(', ')}, expected ${low} … ${high}`);
  };
}

function validateConv(op: OpOf<'conv'>, languageModel: boolean, refuse: Refuse): void {
  const range = ranges(refuse);
  range('kernel over time', op.kernel.slice(0, 1), 1, LIMITS.max_width);
  range('kernel over width', op.kernel.slice(1), 1, U16_MAX);
  for (const field of ['stride', 'dilation', 'upsample'] as const) range(field, op[field], 1, LIMITS.max_width);
  range('padding', [...op.pad_begin, ...op.pad_end], 0, LIMITS.max_padding);
  range('groups', [op.groups], 1, U16_MAX);
  range('channels', [op.channels], 1, LIMITS.max_dim);
  if (OverTime.nameOf(op.over_time) === undefined) refuse(`has the unknown over_time ${op.over_time}`);
  if (!languageModel) return;
  if (op.over_time !== OverTime.every_step) refuse('takes the largest of all steps, in a language model');
  if (op.kernel[0] !== 1 || op.stride[0] !== 1 || op.upsample[0] !== 1 || op.pad_begin[0] !== 0 || op.pad_end[0] !== 0)
    refuse('sees more than one step, in a language model');
}

function validatePool(op: OpOf<'pool'>, languageModel: boolean, refuse: Refuse): void {
  const range = ranges(refuse);
  const [steps, width] = op.kernel as [number, number];
  if (PoolMode.nameOf(op.mode) === undefined) refuse(`has the unknown mode ${op.mode}`);
  range('kernel over time', [steps], languageModel ? 1 : 0, languageModel ? 1 : LIMITS.max_width);
  range('kernel over width', [width], 1, U16_MAX);
  range('stride', op.stride, 1, LIMITS.max_width);
  range('stride over time', op.stride.slice(0, 1), 1, languageModel || steps === 0 ? 1 : LIMITS.max_width);
  range('padding of time', [op.pad_begin[0]!, op.pad_end[0]!], 0, Math.max(steps - 1, 0));
  range('padding of width', [op.pad_begin[1]!, op.pad_end[1]!], 0, width - 1);
  range('channels', [op.channels], 1, LIMITS.max_dim);
  const average = op.mode === PoolMode.average;
  range('gain', [op.gain], 0, average ? LIMITS.max_gain : 0);
  range('count_padding', [op.count_padding], 0, average ? 1 : 0);
  if (op.mode === PoolMode.lp) {
    range('order', [op.order], 1, LIMITS.max_order);
    if (!isMultiplier(op.multiplier) || !isShift(op.shift)) refuse(`rescales by ${op.multiplier} >> ${op.shift}`);
  } else if (op.order !== 0 || op.multiplier !== 0 || op.shift !== 0) refuse('has fields of an Lp pool');
}
