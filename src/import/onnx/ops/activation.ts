/** Relu, Tanh, Sigmoid: part of the layer before where it has room, else a layer of their own. */
import type { Activation as Function, Node } from '../../../graph/graph.js';
import { elementwise, perChannel } from '../../../graph/nodes.js';
import type { GraphBuilder } from '../builder.js';
import type { OnnxNode } from '../node.js';
import type { Activation } from '../values.js';
import type { Op } from './op.js';

export function activation(name: Exclude<Function, 'none'>): Op {
  return (node, graph) => {
    const input = node.activation(0);
    return [fused(graph, input, name) ?? alone(node, graph, input, name)];
  };
}

function fused(graph: GraphBuilder, input: Activation, activation: Function): Activation | undefined {
  const maker = graph.maker(input);
  if (!maker) return undefined;
  // The maximum of values of a growing function is its value at the maximum.
  const inside = maker.op === 'pool' && maker.mode === 'max' ? graph.pooled(maker.output) : maker;
  if (!inside || !('activation' in inside) || inside.activation !== 'none') return undefined;
  graph.change({ ...inside, activation } as Node);
  return input;
}

function alone(node: OnnxNode, graph: GraphBuilder, input: Activation, activation: Function): Activation {
  const { source, axes, layout, time } = input;
  const output = node.name;
  const layer =
    source.op === 'affine'
      ? perChannel(
          { output, input: graph.readSource(source.source) },
          Float32Array.from(source.scale),
          Float32Array.from(source.offset),
          activation,
        )
      : elementwise({ output, input: graph.read(input) }, activation);
  return graph.layer(layer, axes, layout, time);
}
