/** Round numbers along an axis. */

/**
 * @returns multiples of 1, 2 or 5 · 10ⁿ within [from, to], about `wanted` of them and at least one
 */
export function ticks(from: number, to: number, wanted = 4): number[] {
  const rough = (to - from) / wanted;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((n) => n * power >= rough * (1 - 1e-9))!;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  // step may be 0.1: a multiple is shown with no more digits than it has
  return Array.from({ length: Math.max(1, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
