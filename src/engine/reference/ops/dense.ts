/** A quantized matrix (docs/numerics.md, 2). */
import type { Image } from '../../../image/read.js';
import { optional, type DenseIds } from '../../../image/ops.js';
import { requantize } from '../fixed-point.js';

export class Dense {
  readonly rows: number;
  readonly columns: number;
  private readonly weight: Int8Array;
  private readonly bias: Int32Array | undefined;
  private readonly multiplier: Int32Array;
  private readonly shift: Uint8Array;

  constructor(image: Image, ids: DenseIds) {
    [this.rows, this.columns] = image.tensors[ids.weight]!.dims as [number, number];
    this.weight = image.constants.i8(ids.weight);
    const bias = optional(ids.bias);
    this.bias = bias === undefined ? undefined : image.constants.i32(bias);
    this.multiplier = image.constants.i32(ids.multiplier);
    this.shift = image.constants.u8(ids.shift);
  }

  /** dense(x)[row] with x = from[at, at + columns). The accumulator fits int32, so `| 0` changes nothing but speed. */
  row(row: number, from: Int8Array, at: number): number {
    const { weight, columns } = this;
    let acc = this.bias === undefined ? 0 : this.bias[row]!;
    for (let i = row * columns, end = i + columns, j = at; i < end; i++, j++) acc = (acc + weight[i]! * from[j]!) | 0;
    return requantize(acc, this.multiplier[row]!, this.shift[row]!);
  }
}
