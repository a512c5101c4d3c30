/** scale · x + offset by feature: into the layer before, or kept for the layer after, or else a layer of its own. */
import type { Weight } from '../../graph/graph.js';
import { foldIntoOutput, type Affine } from '../batch-norm.js';
import type { GraphBuilder } from './builder.js';
import { period } from './layout.js';
import type { OnnxNode } from './node.js';
import type { Activation, Source } from './values.js';

/** @param affine [features], as the float graph lays them out */
export function scaled(node: OnnxNode, graph: GraphBuilder, input: Activation, affine: Affine): Activation {
  if (intoMaker(graph, input, affine)) return input;
  let { scale, offset } = affine;
  let { source } = input;
  if (source.op === 'affine') {
    const first = source;
    const n = first.scale.length;
    offset = offset.map((b, i) => scale[i]! * first.offset[i % n]! + b);
    scale = scale.map((a, i) => a * first.scale[i % n]!);
    source = first.source;
  }
  const channels = period(input.layout, scale, offset);
  const { features } = source;
  const pending: Source = {
    op: 'affine',
    name: node.name,
    source,
    scale: scale.subarray(0, channels),
    offset: offset.subarray(0, channels),
    features,
  };
  return { ...input, source: pending };
}

/** Into the weights of the convolution or linear layer that makes `input`, if it can be changed. */
function intoMaker(graph: GraphBuilder, input: Activation, { scale, offset }: Affine): boolean {
  const maker = graph.maker(input);
  if (maker?.op !== 'conv' && maker?.op !== 'linear') return false;
  const rescales = scale.some((a) => a !== 1);
  if (maker.activation !== 'none' || (rescales && graph.isTied(maker.weight))) return false;
  const rows = maker.bias.data.length;
  const repeats = (list: Float64Array) => list.every((v, i) => v === list[i % rows]);
  if (!repeats(scale) || !repeats(offset)) return false;
  const byRow = { scale: scale.subarray(0, rows), offset: offset.subarray(0, rows) };
  const folded = foldIntoOutput(maker.weight, maker.bias, byRow);
  // A weight that is not rescaled stays the object it is: it may be tied.
  graph.change({ ...maker, bias: folded.bias, weight: rescales ? folded.weight : maker.weight });
  return true;
}

export interface Reader {
  /** [rows, …, channels / groups] */
  readonly weight: Weight;
  readonly bias: Float32Array;
  readonly groups: number;
}

/** W · (scale · x + offset) + b as one matrix and one bias: what a layer that reads `source`, unpadded, becomes. */
export function intoReader(source: Source, layer: Reader): Reader & { readonly source: Source } {
  if (source.op !== 'affine') return { ...layer, source };
  const { weight, groups } = layer;
  const { scale, offset } = source;
  const perGroup = weight.shape.at(-1)!;
  if ((perGroup * groups) % scale.length !== 0) return { ...layer, source };
  const rows = weight.shape[0]!;
  const columns = weight.data.length / rows;
  const channelOf = (row: number, column: number) =>
    (Math.floor((row * groups) / rows) * perGroup + (column % perGroup)) % scale.length;
  const data = weight.data.map((w, i) => w * scale[channelOf(Math.floor(i / columns), i % columns)]!);
  const bias = layer.bias.map((b, row) => {
    let sum = b;
    for (let i = 0; i < columns; i++) sum += weight.data[row * columns + i]! * offset[channelOf(row, i)]!;
    return sum;
  });
  return { weight: { ...weight, data }, bias, groups, source: source.source };
}
