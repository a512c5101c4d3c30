/** Add, Sub, Mul and Div: of two activations, of one and a constant by feature, or of shapes. */
import type { Node } from '../../../graph/graph.js';
import type { Affine } from '../../batch-norm.js';
import { scaled } from '../affine.js';
import type { GraphBuilder } from '../builder.js';
import { byFeature, featureAtoms, ordered, reordering, sameOrder } from '../layout.js';
import type { OnnxNode } from '../node.js';
import { select } from '../sources.js';
import { count, type Activation, type Axis, type Value } from '../values.js';
import type { Op } from './op.js';

type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

export function arithmetic(op: Arithmetic): Op {
  return (node, graph) => {
    const [a, b] = [node.input(0), node.input(1)];
    if (a.kind === 'activation' && b.kind === 'activation')
      return [ofTwo(node, graph, op, node.activation(0), node.activation(1))];
    const at = a.kind === 'activation' ? 0 : 1;
    if (a.kind !== 'activation' && b.kind !== 'activation') return ofShapes(node);
    const input = node.activation(at);
    if (op === 'div' && at === 1) throw node.unsupported('it divides by an activation', 'divide by constants only');
    const affine = affineOf(op, at, constantOf(node, 1 - at, input));
    if (!affine.scale.every(Number.isFinite)) throw node.bad('it divides by 0');
    return [scaled(node, graph, input, affine)];
  };
}

/** Followed as "some size", which is enough for the shape of a constant. */
export const ofShapes = (node: OnnxNode): Value[] => {
  const plain = (value: Value | undefined) =>
    !value || value.kind === 'shape' || value.kind === 'constant' || value.kind === 'fill';
  if (node.inputs.every(plain)) return [{ kind: 'shape', dims: undefined }];
  throw node.unsupported(
    `${node.op} of what is neither a layer's output nor a constant`,
    'add and multiply activations, or one of them and a constant',
  );
};

/** One number a feature. */
function constantOf(node: OnnxNode, i: number, input: Activation): Float64Array {
  const value = node.input(i);
  if (value.kind === 'fill') return new Float64Array(input.source.features).fill(value.fill);
  const { dims, data } = node.weights(i);
  const values = byFeature(input, dims, data);
  if (values) return values;
  throw node.unsupported(
    `a constant [${dims.join(', ')}] that is not one number a feature`,
    'constants may differ by feature or channel, not by step',
  );
}

/** What becomes of x where the other operand is the constant c. @param at position of x */
function affineOf(op: Arithmetic, at: number, c: Float64Array): Affine {
  const all = (v: number) => new Float64Array(c.length).fill(v);
  switch (op) {
    case 'add':
      return { scale: all(1), offset: c };
    case 'sub':
      return at === 0 ? { scale: all(1), offset: c.map((v) => -v) } : { scale: all(-1), offset: c };
    case 'mul':
      return { scale: c, offset: all(0) };
    case 'div':
      return { scale: c.map((v) => 1 / v), offset: all(0) };
  }
}

function ofTwo(node: OnnxNode, graph: GraphBuilder, op: Arithmetic, a: Activation, b: Activation): Activation {
  if (op === 'div') throw node.unsupported('it divides by an activation', 'divide by constants only');
  if (a.axes.length !== b.axes.length || !a.axes.every((axis, i) => alike(axis, b.axes[i]!)) || !a.time !== !b.time)
    throw node.unsupported('it joins activations of different shapes', 'add and multiply activations of one shape');
  const inputs = [graph.read(a), graph.readSource(asIn(b, a, node.name))] as const;
  const { axes, layout, time } = a;
  const common = { output: node.name, inputs, activation: 'none' } as const;
  const layer: Node = op === 'mul' ? { op, ...common } : { op: 'add', ...common, subtract: op === 'sub' };
  return graph.layer(layer, axes, layout, time);
}

/** Of one length, and the same time or batch. */
function alike(a: Axis, b: Axis): boolean {
  const still = (axis: Axis) => axis.filter(({ of }) => of === 'features');
  const moving = (axis: Axis) => axis.filter(({ of }) => of !== 'features');
  return count(still(a)) === count(still(b)) && sameOrder(moving(a), moving(b));
}

/** The features of b in the order of those of a. */
function asIn(b: Activation, a: Activation, name: string) {
  const placesOf = (activation: Activation) => reordering(featureAtoms(activation), activation.layout);
  const [here, there] = [placesOf(a), placesOf(b)];
  if (here.every((place, i) => place === there[i])) return b.source;
  const straight = ordered(b, featureAtoms(b), name);
  return select(straight, here, name);
}
