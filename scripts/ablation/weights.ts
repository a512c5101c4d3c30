/** A graph whose weights went through int8 and back: what weights alone cost. */
import type { Graph, Node, Weight } from '../../src/graph/graph.js';

/** One unit of a row of weights, or of all of them. */
export type ChooseScale = (values: Float32Array) => number;

export const byMaximum: ChooseScale = (values) => values.reduce((max, v) => Math.max(max, Math.abs(v)), 0) / 127;

/** The scale, at most that of the maximum, of least squared error. */
export const byError: ChooseScale = (values) => {
  const most = byMaximum(values);
  let [best, least] = [most, Infinity];
  for (let i = 100; i >= 50; i -= 2) {
    const scale = (most * i) / 100;
    let error = 0;
    for (const v of values) error += (v - rounded(v, scale)) ** 2;
    if (error < least) [best, least] = [scale, error];
  }
  return best;
};

/** @param perRow a scale for each row, or one for the whole matrix */
export function withQuantizedWeights(graph: Graph, choose: ChooseScale, perRow: boolean): Graph {
  const done = new Map<Weight, Weight>(); // tied weights stay tied
  const quantized = (weight: Weight): Weight => {
    const known = done.get(weight);
    if (known) return known;
    const rows = perRow ? weight.shape[0]! : 1;
    const columns = weight.data.length / rows;
    const data = new Float32Array(weight.data.length);
    for (let r = 0; r < rows; r++) {
      const row = weight.data.subarray(r * columns, (r + 1) * columns);
      const scale = choose(row);
      data.set(
        row.map((v) => rounded(v, scale)),
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

function rounded(value: number, scale: number): number {
  return scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale))) * scale;
}
