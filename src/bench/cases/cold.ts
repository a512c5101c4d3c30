/** One sentence classified when the caches hold something else: what a request after a pause waits for. */
import { NativeModel } from '../../engine/native.js';
import { median } from '../measure.js';
import type { ColdResult } from '../results.js';
import { sentences, type TextCnn } from './text-cnn.js';

/** More than any cache. */
const OTHER_BYTES = 2 ** 27;
const ROUNDS = 31;

export async function coldCaches({ graph, image }: TextCnn): Promise<ColdResult> {
  const model = new NativeModel(image, graph.name);
  const ids = Uint16Array.from(sentences()[0]!);
  const other = Buffer.alloc(OTHER_BYTES, 1);
  const time = () => {
    const start = performance.now();
    model.classifySync(ids);
    return 1000 * (performance.now() - start);
  };
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 100; i++) time(); // so that only the caches differ, not the compiled JavaScript
    warm.push(time());
    if (other.indexOf(0) >= 0) throw new Error('not reached: it reads all of it');
    cold.push(time());
  }
  await model.close();
  return { cold_microseconds: Math.round(median(cold)), warm_microseconds: Math.round(median(warm)) };
}
