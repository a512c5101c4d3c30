/** What LSTM, GRU and RNN have in common: their inputs, initial states, layouts and outputs. */
import { LIMITS } from '../../schema/image.js';
import type { Weight } from '../../graph/graph.js';
import type { GraphBuilder } from './builder.js';
import { describe, type OnnxNode } from './node.js';
import { isFeatures, type Activation, type Axis, type Value } from './values.js';

export interface Recurrent {
  readonly input: Activation;
  readonly hiddenSize: number;
  /** [gates · hidden_size, input_size], gates in the order asked for. */
  readonly inputWeight: Weight;
  /** [gates · hidden_size, hidden_size] */
  readonly recurrentWeight: Weight;
  readonly inputBias: Float32Array;
  readonly recurrentBias: Float32Array;
}

/**
 * Inputs X, W, R, B, sequence_lens and initial states, checked.
 *
 * @param gates where in ONNX's order each of Linnet's gates is
 * @param activations ONNX's defaults, the only ones supported
 * @param states positions of the initial states among the inputs
 */
export function readRecurrent(
  node: OnnxNode,
  graph: GraphBuilder,
  gates: readonly number[],
  activations: readonly string[],
  states: readonly number[],
): Recurrent {
  checkAttributes(node, activations);
  const input = node.activation(0);
  const w = node.weights(1);
  const r = node.weights(2);
  const hiddenSize = node.int('hidden_size', r.dims[2] ?? 0);
  const rows = gates.length * hiddenSize;
  const expect = (what: string, dims: readonly number[], expected: readonly number[]): void => {
    if (dims.length !== expected.length || dims.some((n, i) => n !== expected[i]))
      throw node.bad(
        `${what} is [${dims.join(', ')}], expected [${expected.join(', ')}]: ${gates.length} gates of ${hiddenSize} units`,
      );
  };
  expect('R', r.dims, [1, rows, hiddenSize]);
  expect('W', w.dims, [1, rows, input.features]);
  if (hiddenSize < 1 || hiddenSize > LIMITS.max_hidden)
    throw node.unsupported(`hidden_size ${hiddenSize}`, `this version supports ${LIMITS.max_hidden}`);
  checkStates(node, states);
  checkLayout(node, graph, input);
  const b = node.inputs[3] ? node.weights(3) : undefined;
  if (b) expect('B', b.dims, [1, 2 * rows]);
  const bias = b?.data ?? new Float32Array(2 * rows);
  return {
    input,
    hiddenSize,
    inputWeight: { name: w.name, shape: [rows, input.features], data: reorder(w.data, gates) },
    recurrentWeight: { name: r.name, shape: [rows, hiddenSize], data: reorder(r.data, gates) },
    inputBias: reorder(bias.subarray(0, rows), gates),
    recurrentBias: reorder(bias.subarray(rows), gates),
  };
}

/** Outputs Y and the last states; Y is [time, directions, batch, hidden_size]. */
export function recurrentOutputs(node: OnnxNode, { input }: Recurrent, output: Activation): readonly Value[] {
  const [time, batch, features] = [input.axes[0]!, input.axes[1]!, output.axes.at(-1)!];
  const last: Value = { kind: 'state', from: 'layer', name: node.name };
  return [{ ...output, axes: [time, [], batch, features] }, last, last];
}

/** Where the layer's output is, before `recurrentOutputs` lays it out. */
export function outputAxes(hiddenSize: number): readonly Axis[] {
  return [[{ of: 'features', size: hiddenSize }]];
}

function checkAttributes(node: OnnxNode, expected: readonly string[]): void {
  const direction = node.text('direction', 'forward');
  if (direction !== 'forward')
    throw node.unsupported(`direction is ${direction}`, 'this version runs forward layers only');
  if (node.int('layout', 0) !== 0) throw node.unsupported('layout is 1', 'export it with layout 0: time first');
  if (node.has('clip')) throw node.unsupported('it clips its gates', 'train and export the model without clip');
  if (node.int('input_forget', 0) !== 0)
    throw node.unsupported('its input and forget gates are coupled', 'use a plain LSTM');
  const activations = node.texts('activations') ?? expected;
  if (activations.join().toLowerCase() !== expected.join().toLowerCase())
    throw node.unsupported(`activations are ${activations.join(', ')}`, `this version has ${expected.join(', ')}`);
  if (node.inputs[4])
    throw node.unsupported(
      'it is given sequence lengths',
      'export the model without packed sequences: Linnet runs one text at a time',
    );
  if (node.inputs[7]) throw node.unsupported('it has peephole weights', 'use a plain LSTM');
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

function checkLayout(node: OnnxNode, graph: GraphBuilder, input: Activation): void {
  const { axes, overTime } = input;
  if (axes.length !== 3 || !isFeatures(axes[2]) || !overTime)
    throw node.unsupported(
      'its input is not [time, batch, features]',
      'feed it the embedding or another recurrent layer',
    );
  graph.claim(node, axes[0], 'time');
  graph.claim(node, axes[1], 'batch');
}

/** Blocks of rows in another order. */
function reorder(data: Float32Array, gates: readonly number[]): Float32Array {
  const block = data.length / gates.length;
  const out = new Float32Array(data.length);
  gates.forEach((from, to) => out.set(data.subarray(from * block, (from + 1) * block), to * block));
  return out;
}
