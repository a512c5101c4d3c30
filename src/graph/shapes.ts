/** The shape of every value of a graph, for any length of input. */
import { LinnetError } from '../errors.js';
import { composeTime, PER_TOKEN, positionsOf, sameTime, stepsOf, type TimeForm } from '../image/time.js';
import { LIMITS } from '../schema/image.js';
import type { ConvNode, Node, PoolNode } from './graph.js';
import { axisOf, channelsOf, filtersOf, TIME, WIDTH } from './windows.js';

export interface Shape {
  /** undefined: one step, without time. */
  readonly time: TimeForm | undefined;
  readonly features: number;
}

/** @throws LinnetError unsupported_model for shapes that do not fit each other, with the node's name */
export function shapesOf(nodes: readonly Node[]): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const node of nodes) shapes.set(node.output, shapeOf(node, shapes));
  return shapes;
}

/** The fewest tokens with which every value has a step. */
export function leastTokens(nodes: readonly Node[]): number {
  const forms = [...shapesOf(nodes).values()].flatMap(({ time }) => time ?? []);
  for (let tokens = 1; tokens <= LIMITS.max_width; tokens++)
    if (forms.every((form) => stepsOf(form, tokens) >= 1)) return tokens;
  throw new LinnetError(
    'unsupported_model',
    `it needs more than ${LIMITS.max_width} tokens`,
    'convolutions and pools over time',
    'use smaller kernels or strides, or pad',
  );
}

function shapeOf(node: Node, shapes: ReadonlyMap<string, Shape>): Shape {
  switch (node.op) {
    case 'embedding':
      return { time: PER_TOKEN, features: node.table.shape[1]! };
    case 'lstm':
    case 'gru':
    case 'rnn':
      return { ...shapes.get(node.input)!, features: node.recurrentWeight.shape[1]! };
    case 'linear':
      return { ...shapes.get(node.input)!, features: node.weight.shape[0]! };
    case 'conv':
    case 'pool':
      return windowed(node, shapes.get(node.input)!);
    case 'last_step':
      return { time: undefined, features: shapes.get(node.input)!.features };
    case 'softmax':
      return shapes.get(node.input)!;
    case 'concat': {
      const [first, ...others] = node.inputs.map((name) => shapes.get(name)!);
      if (!others.every(({ time }) => sameTime(time, first!.time))) throw refuse(node, 'its inputs differ in length');
      return { time: first!.time, features: [first!, ...others].reduce((sum, { features }) => sum + features, 0) };
    }
    case 'add':
    case 'mul': {
      const [a, b] = node.inputs.map((name) => shapes.get(name)!) as [Shape, Shape];
      if (a.features !== b.features || !sameTime(a.time, b.time)) throw refuse(node, 'its inputs differ in shape');
      return a;
    }
  }
}

function windowed(node: ConvNode | PoolNode, input: Shape): Shape {
  const channels = channelsOf(node);
  const width = positionsOf(input.features / channels, axisOf(node, WIDTH, 1));
  if (input.features % channels !== 0)
    throw refuse(node, `${input.features} features are not made of ${channels} channels`);
  if (width < 1) throw refuse(node, 'its kernel is wider than its input');
  const features = width * filtersOf(node);
  if (node.op === 'pool' && node.kernel[TIME] === 'all') return { time: undefined, features };
  const time = node.op === 'conv' && node.overTime === 'largest' ? undefined : timeOf(node, input);
  return { time, features };
}

/** undefined if the input is one step, and the output, too. */
function timeOf(node: ConvNode | PoolNode, input: Shape): TimeForm | undefined {
  const axis = axisOf(node, TIME, 1);
  if (!input.time) {
    if (positionsOf(1, axis) !== 1) throw refuse(node, 'it makes several steps of one');
    return undefined;
  }
  const time = composeTime(input.time, axis);
  if (!time) throw refuse(node, 'it is a transposed convolution over time after a stride over time');
  if (Math.max(time.factor, time.divisor) > 0xffff || Math.abs(time.offset) > 2 ** 24)
    throw refuse(node, 'the strides or paddings over time up to here are too large together');
  return time;
}

function refuse(node: Node, what: string): LinnetError {
  return new LinnetError('unsupported_model', what, `layer "${node.output}" (${node.op})`, 'change the model there');
}
