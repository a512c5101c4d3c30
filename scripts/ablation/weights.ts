/** A graph whose weights went through few bits and back: what weights alone cost. */
import type { Graph, Node, Weight } from '../../src/graph/graph.js';

/** One unit of a row of weights, or of all of them. @param largest integer, 127 for int8 */
export type ChooseScale = (values: Float32Array, largest: number) => number;

export const byMaximum: ChooseScale = (values, largest) =>
  values.reduce((max, v) => Math.max(max, Math.abs(v)), 0) / largest;

/** The scale, at most that of the maximum, of least squared error. */
export const byError: ChooseScale = (values, largest) => {
  const most = byMaximum(values, largest);
  let [best, least] = [most, Infinity];
  for (let i = 100; i >= 50; i -= 2) {
    const scale = (most * i) / 100;
    let error = 0;
    for (const v of values) error += (v - rounded(v, scale, largest)) ** 2;
    if (error < least) [best, least] = [scale, error];
  }
  return best;
};

/** @param perRow a scale for each row, or one for the whole matrix */
export function withQuantizedWeights(graph: Graph, choose: ChooseScale, perRow: boolean, bits = 8): Graph {
  const largest = 2 ** (bits - 1) - 1;
  const done = new Map<Weight, Weight>(); // tied weights stay tied
  const quantized = (weight: Weight): Weight => {
    const known = done.get(weight);
    if (known) return known;
    const rows = perRow ? weight.shape[0]! : 1;
    const columns = weight.data.length / rows;
    const data = new Float32Array(weight.data.length);
    for (let r = 0; r < rows; r++) {
      const row = weight.data.subarray(r * columns, (r + 1) * columns);
      const scale = choose(row, largest);
      data.set(
        row.map((v) => rounded(v, scale, largest)),
        r * columns,
      );
    }
    const result = { ...weight, data };
    done.set(weight, result);
    return result;
  };
  const nodes = graph.nodes.map((node): Node => {
    if (node.op === 'embedding') return { ...node, table: quantized(node.table) };
    if (node.op === 'linear' || node.op === 'conv') return { ...node, weight: quantized(node.weight) };
    if (!('recurrentWeight' in node)) return node;
    return { ...node, inputWeight: quantized(node.inputWeight), recurrentWeight: quantized(node.recurrentWeight) };
  });
  return { ...graph, nodes };
}

function rounded(value: number, scale: number, largest: number): number {
  return scale === 0 ? 0 : Math.max(-largest, Math.min(largest, Math.round(value / scale))) * scale;
}
