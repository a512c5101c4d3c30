/** The inputs of a concatenation have one scale: where calibration gave them several, they are rescaled first. */
import type { Graph, Node } from '../graph/graph.js';
import { elementwise } from '../graph/nodes.js';
import type { Ranges } from './calibrate.js';
import type { Scales } from './scales.js';

export interface Calibrated {
  readonly graph: Graph;
  readonly ranges: Ranges;
  readonly scales: Scales;
}

export function alignConcats({ graph, ranges, scales }: Calibrated): Calibrated {
  const nodes: Node[] = [];
  const newRanges = new Map(ranges);
  const of = new Map(scales.of);
  const taken = new Set(graph.nodes.map(({ output }) => output));
  /** Names come from checkpoints: any may be taken. */
  const unused = (name: string): string => (taken.has(name) ? unused(`${name}'`) : name);
  for (const node of graph.nodes) {
    if (node.op !== 'concat') {
      nodes.push(node);
      continue;
    }
    const inputs = node.inputs.map((input, i) => {
      if (of.get(input) === of.get(node.output)) return input;
      const rescaled = elementwise({ output: unused(`${node.output}.${i}`), input }, 'none');
      nodes.push(rescaled);
      of.set(rescaled.output, of.get(node.output)!);
      newRanges.set(rescaled.output, ranges.get(input)!);
      return rescaled.output;
    });
    nodes.push({ ...node, inputs });
  }
  return { graph: { ...graph, nodes }, ranges: newRanges, scales: { ...scales, of } };
}
