/** Recurrent layers in float32 over a run of consecutive time steps, in either direction. */
import type { FloatKernels } from './float-kernels.js';
import type { FloatValue } from './float-nodes.js';
import type { GruNode, RecurrentNode } from './graph.js';

/** State of one layer, zero at the start of a text. */
export interface RecurrentState {
  readonly hidden: Float32Array;
  /** LSTM only. */
  readonly cell: Float32Array;
}

export function initialState(node: RecurrentNode): RecurrentState {
  const hiddenSize = node.recurrentWeight.shape[1]!;
  return { hidden: new Float32Array(hiddenSize), cell: new Float32Array(node.op === 'lstm' ? hiddenSize : 0) };
}

/** @param state on return that after the last step visited */
export function recurrent(
  node: RecurrentNode,
  input: FloatValue,
  state: RecurrentState,
  kernels: FloatKernels,
): FloatValue {
  const reverse = node.direction === 'reverse';
  const { data: x, steps, features: inputSize } = reverse ? reversed(input) : input;
  const features = state.hidden.length;
  const rows = node.inputWeight.shape[0]!;
  const gates = new Float32Array(steps * rows);
  kernels.matmul(x, node.inputWeight.data, node.bias.data, gates, steps, rows, inputSize);
  const data = new Float32Array(steps * features);
  if (node.op === 'lstm') {
    kernels.lstm(gates, node.recurrentWeight.data, state.hidden, state.cell, data, steps, features);
  } else {
    const step = node.op === 'gru' ? gruStep(node, kernels) : rnnStep(node, kernels);
    for (let t = 0; t < steps; t++) {
      step(gates.subarray(t * rows, (t + 1) * rows), state.hidden);
      data.set(state.hidden, t * features);
    }
  }
  const output = { data, steps, features };
  return reverse ? reversed(output) : output;
}

/** Turns h of the step before into h of this one. @param fromInput W·x + b of every gate */
type Step = (fromInput: Float32Array, hidden: Float32Array) => void;

function rnnStep({ recurrentWeight }: RecurrentNode, kernels: FloatKernels): Step {
  const n = recurrentWeight.shape[1]!;
  const pre = new Float32Array(n);
  return (fromInput, hidden) => {
    kernels.matmul(hidden, recurrentWeight.data, fromInput, pre, 1, n, n);
    for (let u = 0; u < n; u++) hidden[u] = Math.tanh(pre[u]!);
  };
}

function gruStep({ recurrentWeight, recurrentBias, reset }: GruNode, kernels: FloatKernels): Step {
  const n = recurrentWeight.shape[1]!;
  const product = new Float32Array(3 * n);
  const kept = new Float32Array(n);
  const forCandidate = recurrentWeight.data.subarray(2 * n * n);
  return (fromInput, hidden) => {
    kernels.matmul(hidden, recurrentWeight.data, recurrentBias?.data, product, 1, 3 * n, n);
    const gate = (row: number): number => 1 / (1 + Math.exp(-(fromInput[row]! + product[row]!)));
    if (reset === 'before') {
      for (let u = 0; u < n; u++) kept[u] = gate(u) * hidden[u]!;
      kernels.matmul(kept, forCandidate, undefined, product.subarray(2 * n), 1, n, n);
    } else {
      for (let u = 0; u < n; u++) product[2 * n + u] = gate(u) * product[2 * n + u]!;
    }
    for (let u = 0; u < n; u++) {
      const z = gate(n + u);
      hidden[u] = (1 - z) * Math.tanh(fromInput[2 * n + u]! + product[2 * n + u]!) + z * hidden[u]!;
    }
  };
}

function reversed({ data, steps, features }: FloatValue): FloatValue {
  const out = new Float32Array(data.length);
  for (let t = 0; t < steps; t++) out.set(data.subarray(t * features, (t + 1) * features), (steps - 1 - t) * features);
  return { data: out, steps, features };
}
