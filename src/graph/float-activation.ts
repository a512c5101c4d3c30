import type { Activation } from './graph.js';

/** In place. */
export function activate(data: Float32Array, activation: Activation): void {
  switch (activation) {
    case 'none':
      return;
    case 'relu':
      for (let i = 0; i < data.length; i++) if (data[i]! < 0) data[i] = 0;
      return;
    case 'tanh':
      for (let i = 0; i < data.length; i++) data[i] = Math.tanh(data[i]!);
      return;
    case 'sigmoid':
      for (let i = 0; i < data.length; i++) data[i] = 1 / (1 + Math.exp(-data[i]!));
      return;
  }
}
