/** One function a node type: float32 in, float32 out, over a run of consecutive time steps. */
import { activate } from './float-activation.js';
import type { AddNode, EmbeddingNode, LastStepNode, LinearNode, MulNode } from './graph.js';
import type { FloatKernels } from './float-kernels.js';

/** A value of the graph over `steps` time steps; steps is 1 after pooling. */
export interface FloatValue {
  /** [steps, features] */
  readonly data: Float32Array;
  readonly steps: number;
  readonly features: number;
}

export function embedding(node: EmbeddingNode, ids: ArrayLike<number>): FloatValue {
  const features = node.table.shape[1]!;
  const data = new Float32Array(ids.length * features);
  for (let t = 0; t < ids.length; t++)
    data.set(node.table.data.subarray(ids[t]! * features, (ids[t]! + 1) * features), t * features);
  return { data, steps: ids.length, features };
}

export function linear(node: LinearNode, input: FloatValue, kernels: FloatKernels): FloatValue {
  const features = node.weight.shape[0]!;
  const data = new Float32Array(input.steps * features);
  kernels.matmul(input.data, node.weight.data, node.bias.data, data, input.steps, features, input.features);
  activate(data, node.activation);
  return { data, steps: input.steps, features };
}

/** The caller sees to it that both have one shape. */
export function add(node: AddNode, a: FloatValue, b: FloatValue): FloatValue {
  const sign = node.subtract ? -1 : 1;
  const data = a.data.map((v, i) => v + sign * b.data[i]!);
  activate(data, node.activation);
  return { ...a, data };
}

/** Likewise. */
export function mul(node: MulNode, a: FloatValue, b: FloatValue): FloatValue {
  const data = a.data.map((v, i) => v * b.data[i]!);
  activate(data, node.activation);
  return { ...a, data };
}

export function lastStep(node: LastStepNode, input: FloatValue): FloatValue {
  const { steps, features } = input;
  const step = node.direction === 'reverse' ? 0 : steps - 1;
  return { data: input.data.slice(step * features, (step + 1) * features), steps: 1, features };
}

/** The caller sees to it that all inputs have as many steps. */
export function concat(inputs: readonly FloatValue[]): FloatValue {
  const { steps } = inputs[0]!;
  const features = inputs.reduce((sum, input) => sum + input.features, 0);
  const data = new Float32Array(steps * features);
  let at = 0;
  for (let t = 0; t < steps; t++)
    for (const input of inputs) {
      data.set(input.data.subarray(t * input.features, (t + 1) * input.features), at);
      at += input.features;
    }
  return { data, steps, features };
}

export function softmax(input: FloatValue): FloatValue {
  const { steps, features } = input;
  const data = new Float32Array(input.data.length);
  for (let t = 0; t < steps; t++) {
    const row = input.data.subarray(t * features, (t + 1) * features);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = row.reduce((total, v) => total + Math.exp(v - largest), 0);
    for (let j = 0; j < features; j++) data[t * features + j] = Math.exp(row[j]! - largest) / sum;
  }
  return { data, steps, features };
}
