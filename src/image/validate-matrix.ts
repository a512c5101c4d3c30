/** docs/format.md, "What a reader checks", 5.4: values of weights, multipliers and shifts. */
import { LIMITS } from '../schema/image.js';
import type { ImageStatus } from './fault.js';
import { optional, type DenseIds, type OpOf } from './ops.js';
import { isMultiplier, isShift } from './validate-records.js';
import type { TensorInfo } from './validate-tensors.js';

type Refuse = (code: ImageStatus, why: string) => never;

/** Typed views of constants, in place. */
export class Constants {
  constructor(
    private readonly view: DataView,
    private readonly tensors: readonly TensorInfo[],
  ) {}

  i8(id: number): Int8Array {
    return new Int8Array(...this.place(id, 1));
  }

  u8(id: number): Uint8Array {
    return new Uint8Array(...this.place(id, 1));
  }

  i32(id: number): Int32Array {
    return new Int32Array(...this.place(id, 4));
  }

  private place(id: number, size: number): [ArrayBuffer, number, number] {
    const { offset, bytes } = this.tensors[id]!;
    return [this.view.buffer as ArrayBuffer, this.view.byteOffset + offset, bytes / size];
  }

  columns(id: number): number {
    return this.tensors[id]!.dims[1]!;
  }
}

export function validateMatrix(constants: Constants, ids: DenseIds, refuse: Refuse): void {
  const columns = constants.columns(ids.weight);
  if (columns > LIMITS.max_columns)
    refuse('accumulator_overflow', `has ${columns} columns, at most ${LIMITS.max_columns} expected`);
  const weight = constants.i8(ids.weight);
  const multiplier = constants.i32(ids.multiplier);
  const shift = constants.u8(ids.shift);
  const biasId = optional(ids.bias);
  const bias = biasId === undefined ? undefined : constants.i32(biasId);
  for (let row = 0; row < multiplier.length; row++) {
    validateMultiplier(multiplier[row]!, shift[row]!, row, refuse);
    const sum = absoluteSum(weight, row, columns, refuse);
    if (Math.abs(bias?.[row] ?? 0) + 128 * sum >= 2 ** 31)
      refuse('accumulator_overflow', `could overflow in row ${row}`);
  }
}

export function validateTable(constants: Constants, op: OpOf<'embedding'>, refuse: Refuse): void {
  const columns = constants.columns(op.table);
  const table = constants.i8(op.table);
  const multiplierId = optional(op.multiplier);
  const multiplier = multiplierId === undefined ? undefined : constants.i32(multiplierId);
  const shift = multiplierId === undefined ? undefined : constants.u8(op.shift);
  for (let row = 0; row < table.length / columns; row++) {
    if (multiplier && shift) validateMultiplier(multiplier[row]!, shift[row]!, row, refuse);
    absoluteSum(table, row, columns, refuse);
  }
}

function validateMultiplier(multiplier: number, shift: number, row: number, refuse: Refuse): void {
  if (!isMultiplier(multiplier)) refuse('bad_multiplier', `has multiplier ${multiplier} in row ${row}`);
  if (!isShift(shift)) refuse('bad_multiplier', `has shift ${shift} in row ${row}`);
}

/** Σ|w| of a row; refuses -128. */
function absoluteSum(weight: Int8Array, row: number, columns: number, refuse: Refuse): number {
  let sum = 0;
  for (let i = row * columns, end = i + columns; i < end; i++) {
    const w = weight[i]!;
    if (w === -128) refuse('bad_operand', `has a weight of -128 in row ${row}`);
    sum += w < 0 ? -w : w;
  }
  return sum;
}
