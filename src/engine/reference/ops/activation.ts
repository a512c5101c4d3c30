/** What follows a requantized sum (docs/numerics.md, 3). */
import { Activation } from '../../../schema/image.js';
import { clamp, sat16, sigmoid, tanh, toQ07 } from '../fixed-point.js';

/**
 * @param v in the unit of the output; behind tanh and sigmoid Q3.12, and the output is Q0.7
 * @param highest 127 for an int8 output, 32767 for int16
 */
export function activate(activation: number, v: number, highest: 127 | 32767): number {
  switch (activation) {
    case Activation.tanh:
      return toQ07(tanh(sat16(v)), 8);
    case Activation.sigmoid:
      return toQ07(sigmoid(sat16(v)), 8);
    case Activation.relu:
      return clamp(v, 0, highest);
    default:
      return clamp(v, highest === 127 ? -127 : -32768, highest);
  }
}
