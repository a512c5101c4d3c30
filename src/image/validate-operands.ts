/** docs/format.md, "What a reader checks", 5: an op's operands, their shapes, and the matrices among them. */
import { NONE } from '../schema/image.js';
import type { Fail, ImageStatus } from './fault.js';
import { optional, type DenseIds, type Op } from './ops.js';
import { sameTime } from './time.js';
import type { HeaderValues } from './validate-header.js';
import { Constants, validateMatrix } from './validate-matrix.js';
import type { DTypeName, TensorInfo } from './validate-tensors.js';

/** What an operand must be. */
export type Rule = { kind: TensorInfo['kind']; dtype: DTypeName; rank: number; time?: boolean };

export const ONE_STEP = { kind: 'activation', dtype: 'i8', rank: 1 } as const;
export const OVER_TIME = { kind: 'activation', dtype: 'i8', rank: 2, time: true } as const;
export const WEIGHT = { kind: 'constant', dtype: 'i8', rank: 2 } as const;
export const PER_ROW_I32 = { kind: 'constant', dtype: 'i32', rank: 1 } as const;
export const PER_ROW_U8 = { kind: 'constant', dtype: 'u8', rank: 1 } as const;

/** What all ops of an image share. */
export interface Surroundings {
  readonly header: HeaderValues;
  readonly tensors: readonly TensorInfo[];
  readonly constants: Constants;
  /** Weights that already serve a matrix. */
  readonly owned: Set<number>;
  readonly fail: Fail;
}

export class Operands {
  constructor(
    private readonly op: Op,
    private readonly index: number,
    private readonly image: Surroundings,
  ) {}

  get header(): HeaderValues {
    return this.image.header;
  }

  get constants(): Constants {
    return this.image.constants;
  }

  tensor(id: number): TensorInfo | undefined {
    return this.image.tensors[id];
  }

  /** The rule of an operand that may have one of two ranks. */
  eitherRank(id: number): typeof ONE_STEP | typeof OVER_TIME {
    return this.tensor(id)?.dims.length === 1 ? ONE_STEP : OVER_TIME;
  }

  operand(name: string, id: number, rule: Rule): TensorInfo {
    const tensor = this.tensor(id) ?? this.refuse('bad_operand', `names tensor ${id} as ${name}, which does not exist`);
    const { kind, dtype, rank, time = false } = rule;
    if (
      tensor.kind !== kind ||
      tensor.dtype !== dtype ||
      tensor.dims.length !== rank ||
      (tensor.time !== undefined) !== time
    )
      this.refuse(
        'bad_operand',
        `names tensor ${id} as ${name}, but needs ${kind} ${dtype} of rank ${rank}${time ? ' over time' : ''}`,
      );
    return tensor;
  }

  maybe(name: string, id: number, rule: Rule): TensorInfo | undefined {
    return id === NONE ? undefined : this.operand(name, id, rule);
  }

  matrix(name: string, ids: DenseIds): void {
    this.operand(`${name}.weight`, ids.weight, WEIGHT);
    if (this.image.owned.has(ids.weight)) this.refuse('bad_operand', `shares ${name}.weight with another matrix`);
    this.image.owned.add(ids.weight);
    this.maybe(`${name}.bias`, ids.bias, PER_ROW_I32);
    this.operand(`${name}.multiplier`, ids.multiplier, PER_ROW_I32);
    this.operand(`${name}.shift`, ids.shift, PER_ROW_U8);
  }

  shape(name: string, tensor: TensorInfo, dims: readonly number[]): void {
    if (tensor.dims.some((size, axis) => size !== dims[axis]))
      this.refuse('bad_shape', `has ${name} [${tensor.dims.join(', ')}], expected [${dims.join(', ')}]`);
  }

  /** As many steps at every length. */
  sameSteps(name: string, tensor: TensorInfo, other: TensorInfo): void {
    if (tensor.time && (tensor.dims[0] !== other.dims[0] || !sameTime(tensor.time, other.time)))
      this.refuse('bad_shape', `has ${name} of other time steps`);
  }

  matrixShape(name: string, ids: DenseIds, rows: number, columns: number): void {
    this.shape(`${name}.weight`, this.tensor(ids.weight)!, [rows, columns]);
    for (const part of ['bias', 'multiplier', 'shift'] as const) {
      const id = optional(ids[part]);
      if (id !== undefined) this.shape(`${name}.${part}`, this.tensor(id)!, [rows]);
    }
  }

  matrixValues(ids: DenseIds): void {
    validateMatrix(this.image.constants, ids, (code, why) => this.refuse(code, why));
  }

  refuse(code: ImageStatus, why: string): never {
    return this.image.fail(code, this.op.at, `op ${this.index} (${this.op.op}) ${why}`);
  }
}
