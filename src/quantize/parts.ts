/** The constants of an op by their use. */
import type { DenseSpec, ImageContent, OpSpec } from '../image/content.js';

/** Tensor ids. */
export interface Parts {
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  /** Multipliers and shifts. */
  readonly multipliers: readonly number[];
}

export function partsOf(op: OpSpec): Parts {
  switch (op.op) {
    case 'embedding':
      return { weights: [op.table], biases: [], multipliers: present([op.multiplier, op.shift]) };
    case 'lstm':
    case 'gru':
    case 'rnn':
      return ofMatrices([op.inputWeights, op.recurrentWeights]);
    case 'conv':
    case 'linear':
      return ofMatrices([op.weights]);
    case 'pool':
    case 'add':
    case 'mul':
    case 'last_step':
    case 'concat':
    case 'softmax':
      return ofMatrices([]);
  }
}

function ofMatrices(matrices: readonly DenseSpec[]): Parts {
  return {
    weights: matrices.map(({ weight }) => weight),
    biases: present(matrices.map(({ bias }) => bias)),
    multipliers: matrices.flatMap(({ multiplier, shift }) => [multiplier, shift]),
  };
}

function present(ids: readonly (number | undefined)[]): number[] {
  return ids.filter((id) => id !== undefined);
}

/** The elements of a constant. */
export function constantData(content: Pick<ImageContent, 'tensors'>, id: number) {
  const tensor = content.tensors[id];
  if (tensor?.kind !== 'constant') throw new TypeError(`tensor ${id} is no constant`);
  return tensor.data;
}
