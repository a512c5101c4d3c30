/** The factors of ops with two operands. */
import { LinnetError } from '../errors.js';
import { toMultiplier, type Multiplier } from './multiplier.js';

/** real = multipliers / 2^shift for both operands of a sum, to the precision of the larger. */
export function sumFactors(
  name: string,
  scales: readonly [number, number],
  subtract: boolean,
  outputScale: number,
): { multipliers: readonly [number, number]; shift: number } {
  const { shift } = factorOf(name, Math.max(...scales) / outputScale);
  const [a, b] = scales.map((scale) => Math.round((scale / outputScale) * 2 ** shift)) as [number, number];
  return { multipliers: [a, subtract ? -b : b], shift };
}

export function productFactor(name: string, scales: readonly [number, number], outputScale: number): Multiplier {
  return factorOf(name, (scales[0] * scales[1]) / outputScale);
}

function factorOf(name: string, real: number): Multiplier {
  const factor = toMultiplier(real);
  if (factor) return factor;
  throw new LinnetError(
    'unsupported_model',
    `its output is ${real.toExponential(1)} times finer than its inputs`,
    `layer "${name}"`,
    'calibrate with typical text',
  );
}
