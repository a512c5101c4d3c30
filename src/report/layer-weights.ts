/** The weights of a layer before and after: float as in the checkpoint, integers as in the image. */
import type { Node, Weight } from '../graph/graph.js';
import { isRecurrent, matricesOf, optional, type DenseIds, type Op } from '../image/ops.js';
import type { Image } from '../image/read.js';
import { GATE_SCALE, HIDDEN_SCALE } from '../quantize/scales.js';
import { Activation } from '../schema/image.js';

export interface QuantizedMatrix {
  /** Name in the checkpoint. */
  readonly name: string;
  /** [rows, columns] */
  readonly float: Float32Array;
  /** [rows, columns] in [-127, 127] */
  readonly integers: Int8Array;
  /** [rows] real value of one unit; 0 for a row that is 0. */
  readonly scales: Float64Array;
  readonly weight: Weight;
}

/** Matrices of an op, each beside its original. Empty for ops without any. */
export function weightsOf(node: Node, op: Op, image: Image): QuantizedMatrix[] {
  if (node.op === 'embedding' && op.op === 'embedding') return [table(node.table, op, image)];
  const originals = originalsOf(node);
  return matricesOf(op).flatMap((ids, i) => {
    const weight = originals[i];
    return weight ? [matrix(weight, ids, inputScale(op, i, image), outputScale(op, image), image)] : [];
  });
}

/** In the order of `matricesOf`. */
function originalsOf(node: Node): Weight[] {
  if ('recurrentWeight' in node) return [node.inputWeight, node.recurrentWeight];
  return 'weight' in node ? [node.weight] : [];
}

function table(weight: Weight, op: Extract<Op, { op: 'embedding' }>, image: Image): QuantizedMatrix {
  const integers = image.constants.i8(op.table);
  const rows = image.tensors[op.table]!.dims[0]!;
  const multiplier = optional(op.multiplier);
  const scales =
    multiplier === undefined
      ? new Float64Array(rows).fill(image.tensors[op.table]!.scale!)
      : rowScales(image, multiplier, op.shift, image.tensors[op.output]!.scale!);
  return { name: weight.name, weight, float: weight.data, integers, scales };
}

function matrix(weight: Weight, ids: DenseIds, input: number, output: number, image: Image): QuantizedMatrix {
  return {
    name: weight.name,
    weight,
    float: weight.data,
    integers: image.constants.i8(ids.weight),
    scales: rowScales(image, ids.multiplier, ids.shift, output / input),
  };
}

/** A row's multiplier is input scale · row scale / output scale (docs/numerics.md, 2). */
function rowScales(image: Image, multiplier: number, shift: number, unit: number): Float64Array {
  const shifts = image.constants.u8(shift);
  return Float64Array.from(image.constants.i32(multiplier), (m, r) => (m / 2 ** shifts[r]!) * unit);
}

function inputScale(op: Op, matrix: number, image: Image): number {
  if (isRecurrent(op)) return matrix === 0 ? image.tensors[op.input]!.scale! : HIDDEN_SCALE;
  return 'input' in op ? image.tensors[op.input]!.scale! : 1;
}

/** Of what a matrix gives: the op's output, or what a curve reads. */
function outputScale(op: Op, image: Image): number {
  const activation = 'activation' in op ? Activation.nameOf(op.activation) : 'none';
  const linear = !isRecurrent(op) && (activation === 'none' || activation === 'relu');
  return linear ? image.tensors[op.output]!.scale! : GATE_SCALE;
}

/** [rows, columns] the real values that the integers stand for. */
export function dequantize({ integers, scales }: QuantizedMatrix): Float32Array {
  const columns = integers.length / scales.length;
  return Float32Array.from(integers, (q, i) => q * scales[Math.floor(i / columns)]!);
}
