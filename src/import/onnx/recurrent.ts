/** What LSTM, GRU and RNN have in common: their inputs, directions, initial states, layouts and outputs. */
import type { RecurrentNode, Weight } from '../../graph/graph.js';
import { LIMITS } from '../../schema/image.js';
import { intoReader } from './affine.js';
import type { GraphBuilder } from './builder.js';
import { describe, type OnnxNode } from './node.js';
import { inOrder } from './ops/linear.js';
import { join, last } from './sources.js';
import { features, isFeatures, sizeOf, type Activation, type Axis, type Tensor, type Value } from './values.js';

type Direction = RecurrentNode['direction'];
type Weights = Tensor & { readonly data: Float32Array };

/** One direction of a layer, gates in Linnet's order. */
export interface Half {
  readonly output: string;
  readonly input: string;
  readonly direction: Direction;
  readonly hiddenSize: number;
  /** [gates · hidden_size, input_size] */
  readonly inputWeight: Weight;
  /** [gates · hidden_size, hidden_size] */
  readonly recurrentWeight: Weight;
  readonly inputBias: Float32Array;
  readonly recurrentBias: Float32Array;
}

export interface Cell {
  /** Where in ONNX's order each of Linnet's gates is. */
  readonly gates: readonly number[];
  /** ONNX's defaults, the only ones supported. */
  readonly activations: readonly string[];
  /** Positions of the initial states among the inputs. */
  readonly states: readonly number[];
  readonly make: (half: Half) => RecurrentNode;
}

const DIRECTIONS: Readonly<Record<string, readonly Direction[]>> = {
  forward: ['forward'],
  reverse: ['reverse'],
  bidirectional: ['forward', 'reverse'],
};

/** Outputs Y [time, directions, batch, hidden_size], Y_h [directions, batch, hidden_size] and, of an LSTM, Y_c. */
export function recurrent(node: OnnxNode, graph: GraphBuilder, cell: Cell): readonly Value[] {
  const directions = DIRECTIONS[node.text('direction', 'forward')];
  if (!directions) throw node.bad(`direction is ${node.text('direction', '')}`);
  checkAttributes(
    node,
    directions.flatMap(() => cell.activations),
  );
  const input = node.activation(0);
  checkLayout(node, graph, input);
  checkLengths(node, graph, input);
  const halves = readHalves(node, graph, input, cell, directions);
  const [time, batch] = input.axes as [Axis, Axis];
  const [across, hidden] = [features(directions.length), features(halves[0]!.hiddenSize)];
  const layers = halves.map((half) => graph.add(cell.make(half), half.hiddenSize));
  const common = { kind: 'activation', layout: [...across, ...hidden], shared: false } as const;
  const y: Activation = {
    ...common,
    source: join(layers, node.name),
    axes: [time, across, batch, hidden],
    time: input.time,
  };
  const ends = layers.map((layer, i) => last(layer, directions[i]!, node.name));
  const yh: Activation = {
    ...common,
    source: join(ends, node.name),
    axes: [across, batch, hidden],
    time: undefined,
    state: true,
  };
  return [y, yh, { kind: 'state', from: 'cell', name: node.name }];
}

function readHalves(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  { gates, states }: Cell,
  directions: readonly Direction[],
): Half[] {
  const w = node.weights(1);
  const r = node.weights(2);
  const hiddenSize = node.int('hidden_size', r.dims[2] ?? 0);
  const rows = gates.length * hiddenSize;
  const inputSize = input.source.features;
  const expect = (what: string, dims: readonly number[], expected: readonly number[]): void => {
    if (dims.length !== expected.length || dims.some((n, i) => n !== expected[i]))
      throw node.bad(
        `${what} is [${dims.join(', ')}], expected [${expected.join(', ')}]: ${gates.length} gates of ${hiddenSize} units`,
      );
  };
  expect('R', r.dims, [directions.length, rows, hiddenSize]);
  expect('W', w.dims, [directions.length, rows, inputSize]);
  if (hiddenSize < 1 || hiddenSize > LIMITS.max_hidden)
    throw node.unsupported(`hidden_size ${hiddenSize}`, `this version supports ${LIMITS.max_hidden}`);
  checkStates(node, states);
  const b = node.inputs[3] ? node.weights(3) : undefined;
  if (b) expect('B', b.dims, [directions.length, 2 * rows]);
  return directions.map((direction, i): Half => {
    const part = ({ name, data }: Weights, columns: number): Weights => {
      const block = data.subarray(i * rows * columns, (i + 1) * rows * columns);
      return { name, dims: [rows, columns], data: reorder(block, gates) };
    };
    const { name, data } = inOrder(part(w, inputSize), input.axes[2]!, input.layout);
    const biases = b?.data.subarray(i * 2 * rows, (i + 1) * 2 * rows) ?? new Float32Array(2 * rows);
    const weight = { name, shape: [rows, inputSize], data };
    const bias = reorder(biases.subarray(0, rows), gates);
    const reader = intoReader(input.source, { weight, bias, groups: 1 });
    return {
      output: directions.length === 1 ? node.name : `${node.name}.${direction}`,
      input: graph.readSource(reader.source),
      direction,
      hiddenSize,
      inputWeight: reader.weight,
      recurrentWeight: { name: r.name, shape: [rows, hiddenSize], data: part(r, hiddenSize).data },
      inputBias: reader.bias,
      recurrentBias: reorder(biases.subarray(rows), gates),
    };
  });
}

function checkAttributes(node: OnnxNode, expected: readonly string[]): void {
  if (node.int('layout', 0) !== 0) throw node.unsupported('layout is 1', 'export it with layout 0: time first');
  if (node.float('clip', 0) !== 0)
    throw node.unsupported('it clips its gates', 'train and export the model without clip');
  if (node.int('input_forget', 0) !== 0)
    throw node.unsupported('its input and forget gates are coupled', 'use a plain LSTM');
  const activations = node.texts('activations') ?? expected;
  if (activations.join().toLowerCase() !== expected.join().toLowerCase())
    throw node.unsupported(`activations are ${activations.join(', ')}`, `this version has ${expected.join(', ')}`);
  if (node.inputs[7]) throw node.unsupported('it has peephole weights', 'use a plain LSTM');
}

function checkLayout(node: OnnxNode, graph: GraphBuilder, { axes, layout, time }: Activation): void {
  if (axes.length !== 3 || !isFeatures(axes[2]) || axes[2].length !== layout.length || !time)
    throw node.unsupported(
      'its input is not [time, batch, features]',
      'feed it the embedding, a convolution or another recurrent layer, transposed so',
    );
  graph.timeAxis.claim(node, axes[0], 'time');
  graph.timeAxis.claim(node, axes[1], 'batch');
}

/** sequence_lens may only say what Linnet does anyway: run over all of the one text. */
function checkLengths(node: OnnxNode, graph: GraphBuilder, { axes }: Activation): void {
  const lengths = node.inputs[4];
  if (!lengths) return;
  const [time] = axes as [Axis];
  const steps = sizeOf(time);
  const whole =
    lengths.kind === 'shape'
      ? lengths.dims?.every((dim) => (typeof dim === 'number' ? dim === steps : dim.length === 1 && dim[0] === time[0]))
      : lengths.kind === 'constant'
        ? lengths.tensor.data.every((n) => n === steps)
        : lengths.kind === 'fill' && lengths.fill === steps;
  if (whole) return;
  if (lengths.kind === 'tokens' && lengths.axes.length === 1) {
    graph.timeAxis.useLengths(node);
    return;
  }
  throw node.unsupported(
    'it is given sequence lengths',
    'export the model without packed sequences, or with the lengths as an input of their own: Linnet runs one text at a time',
  );
}

function checkStates(node: OnnxNode, states: readonly number[]): void {
  for (const i of states) {
    const state = node.inputs[i];
    const zero =
      !state ||
      (state.kind === 'state' && state.from === 'input') ||
      (state.kind === 'fill' && state.fill === 0) ||
      (state.kind === 'constant' && state.tensor.data.every((v) => v === 0));
    if (!zero)
      throw node.unsupported(
        `its initial state is ${describe(state)}${state.kind === 'constant' || state.kind === 'fill' ? ' other than 0' : ''}`,
        'start from zeros, or make the state an input of the model',
      );
  }
}

/** Both biases added. */
export function summed({ output, inputBias, recurrentBias }: Half): Weight {
  const data = inputBias.map((b, row) => b + recurrentBias[row]!);
  return { name: `${output}.bias`, shape: [data.length], data };
}

/** What every node has. */
export function commonFields({ output, input, direction, inputWeight, recurrentWeight }: Half) {
  return { output, input, direction, inputWeight, recurrentWeight };
}

/** Blocks of rows in another order. */
function reorder(data: Float32Array, gates: readonly number[]): Float32Array {
  const block = data.length / gates.length;
  const out = new Float32Array(data.length);
  gates.forEach((from, to) => out.set(data.subarray(from * block, (from + 1) * block), to * block));
  return out;
}
