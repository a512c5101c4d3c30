/** Stacked recurrent layers, named as torch.nn.LSTM, GRU and RNN name their tensors. */
import type { Node, RecurrentNode, Weight } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

const MAX_LAYERS = 64;

/** As in PyTorch's word_language_model example. */
export const RNN_TYPES = ['LSTM', 'GRU', 'RNN_TANH'] as const;
export type RnnType = (typeof RNN_TYPES)[number];
const GATES = { LSTM: 4, GRU: 3, RNN_TANH: 1 } as const;

type Direction = RecurrentNode['direction'];

/** What config.json says of the layers. */
export interface LayersConfig {
  readonly type: RnnType;
  readonly hiddenSize: number;
  readonly count: number;
  readonly bidirectional: boolean;
}

/** @param bidirectional whether the architecture can be */
export function readLayers(
  config: Config,
  { types = RNN_TYPES, bidirectional }: { types?: readonly RnnType[]; bidirectional: boolean },
): LayersConfig {
  const both = config.flag('bidirectional', false);
  if (both && !bidirectional)
    throw config.unsupported('a bidirectional language model', 'it cannot generate: the reverse half needs the future');
  return {
    type: config.choice('rnn_type', types, 'LSTM'),
    hiddenSize: config.integer('hidden_size', { min: 1, max: LIMITS.max_hidden }),
    count: config.integer('num_layers', { min: 1, max: MAX_LAYERS }),
    bidirectional: both,
  };
}

export interface Layers {
  readonly nodes: readonly Node[];
  /** The top layer, a value a direction: [time, hidden_size]. */
  readonly outputs: readonly { readonly value: string; readonly direction: Direction }[];
}

/**
 * Layers over `input`. In a bidirectional stack both directions of a layer are joined for the next one; those of
 * the top layer are left apart.
 */
export function importLayers(
  config: Config,
  weights: Weights,
  layers: LayersConfig,
  input: string,
  inputSize: number,
): Layers {
  const nodes: Node[] = [];
  const directions: Direction[] = layers.bidirectional ? ['forward', 'reverse'] : ['forward'];
  let below = input;
  let size = inputSize;
  for (let layer = 0; ; layer++) {
    const halves = directions.map((direction) => importLayer(config, weights, layers, layer, direction, below, size));
    nodes.push(...halves);
    if (layer === layers.count - 1)
      return { nodes, outputs: halves.map(({ output, direction }) => ({ value: output, direction })) };
    below = joinOver(
      nodes,
      halves.map(({ output }) => output),
      `rnn.${layer}`,
    );
    size = directions.length * layers.hiddenSize;
  }
}

/** Values joined into one, which is the only one itself if there is but one. */
export function joinOver(nodes: Node[], inputs: readonly string[], output: string): string {
  if (inputs.length === 1) return inputs[0]!;
  nodes.push({ op: 'concat', output, inputs });
  return output;
}

function importLayer(
  config: Config,
  weights: Weights,
  { type, hiddenSize, bidirectional }: LayersConfig,
  layer: number,
  direction: Direction,
  input: string,
  inputSize: number,
): RecurrentNode {
  const suffix = `l${layer}${direction === 'reverse' ? '_reverse' : ''}`;
  const rows = GATES[type] * hiddenSize;
  const present = config.flag('rnn_bias', true);
  const inputWeight = weights.take(`rnn.weight_ih_${suffix}`, [rows, inputSize]);
  const recurrentWeight = weights.take(`rnn.weight_hh_${suffix}`, [rows, hiddenSize]);
  const first = weights.bias(`rnn.bias_ih_${suffix}`, rows, 'rnn_bias', present);
  const second = weights.bias(`rnn.bias_hh_${suffix}`, rows, 'rnn_bias', present);
  const output = bidirectional ? `rnn.${layer}.${direction}` : `rnn.${layer}`;
  const common = { output, input, inputWeight, recurrentWeight, direction };
  if (type === 'LSTM') return { op: 'lstm', ...common, bias: sum(first, second) };
  if (type === 'RNN_TANH') return { op: 'rnn', ...common, bias: sum(first, second) };
  if (!config.flag('reset_after', true)) return { op: 'gru', ...common, bias: sum(first, second), reset: 'before' };
  // The reset gate scales the second bias of n; everywhere else it is only added.
  const candidate = 2 * hiddenSize;
  const added = { ...second, data: second.data.map((b, row) => (row < candidate ? b : 0)) };
  const recurrentBias = { ...second, data: second.data.map((b, row) => (row < candidate ? 0 : b)) };
  return { op: 'gru', ...common, bias: sum(first, added), recurrentBias, reset: 'after' };
}

function sum(first: Weight, second: Weight): Weight {
  return { ...first, data: first.data.map((b, row) => b + second.data[row]!) };
}
