/**
 * A convolution whose steps only a maximum over all of them reads keeps that maximum as it goes: the steps need no
 * memory. The maximum has the scale of its input, so the integers are the same.
 */
import { inputsOf, type ConvNode, type Graph, type Node, type PoolNode } from '../graph/graph.js';
import type { Calibrated } from './align-concats.js';

/** The convolution keeps its name, and takes the place of the pool. */
export function fuseMaxOverTime({ graph, ranges, scales }: Calibrated): Calibrated {
  const fused = fusible(graph);
  if (fused.size === 0) return { graph, ranges, scales };
  const newRanges = new Map(ranges);
  const of = new Map(scales.of);
  const renamed = new Map<string, string>();
  for (const [pool, conv] of fused) {
    renamed.set(pool.output, conv.output);
    newRanges.set(conv.output, ranges.get(pool.output)!);
    of.set(conv.output, scales.of.get(pool.output)!);
  }
  const convs = new Set<Node>(fused.values());
  const nodes = graph.nodes
    .filter((node) => !(node.op === 'pool' && fused.has(node)))
    .map((node) => withInputs(convs.has(node) ? { ...(node as ConvNode), overTime: 'largest' } : node, renamed));
  return { graph: { ...graph, nodes }, ranges: newRanges, scales: { ...scales, of } };
}

/** Every maximum over time with the convolution it goes with. */
function fusible({ nodes }: Graph): Map<PoolNode, ConvNode> {
  const pairs = new Map<PoolNode, ConvNode>();
  for (const node of nodes) {
    if (node.op !== 'pool' || !isMaxOverTime(node)) continue;
    const maker = nodes.find(({ output }) => output === node.input);
    const readers = nodes.filter((other) => inputsOf(other).includes(node.input));
    if (maker?.op === 'conv' && maker.overTime === undefined && readers.length === 1) pairs.set(node, maker);
  }
  return pairs;
}

/** Of single elements of the width, each where it was. */
function isMaxOverTime({ mode, kernel, stride }: PoolNode): boolean {
  return mode === 'max' && kernel[0] === 'all' && kernel[1] === 1 && stride[1] === 1;
}

function withInputs(node: Node, renamed: ReadonlyMap<string, string>): Node {
  const now = (name: string): string => renamed.get(name) ?? name;
  if (node.op === 'embedding') return node;
  if (node.op === 'add' || node.op === 'mul') return { ...node, inputs: [now(node.inputs[0]), now(node.inputs[1])] };
  if (node.op === 'concat') return { ...node, inputs: node.inputs.map(now) };
  return { ...node, input: now(node.input) };
}
