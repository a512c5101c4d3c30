/** How the time of a token grows with the model, beside the time it takes only to read its weights. */
import { duel } from '../measure.js';
import type { GrowthPoint } from '../results.js';
import { decoder, languageModel } from './language-model.js';

const LAYERS = 2;
const ROUNDS = 3;
/** [hidden size, vocabulary] */
const BY_HIDDEN = [64, 128, 200, 256, 384, 512, 768, 1024].map((hidden) => [hidden, 10_000] as const);
const BY_VOCAB = [1_000, 2_000, 5_000, 20_000, 50_000].map((vocab) => [200, vocab] as const);
/** Weight bytes read in a run, about: enough for a steady figure. */
const RUN_BYTES = 2e9;

export async function growth(onPoint?: (name: string) => void, signal?: AbortSignal): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const [hiddenSize, vocabSize] of [...BY_HIDDEN, ...BY_VOCAB]) {
    onPoint?.(`growth, ${LAYERS}×${hiddenSize}, ${vocabSize} words`);
    const bytes = hiddenSize * (LAYERS * 8 * hiddenSize + vocabSize);
    const model = await languageModel({ layers: LAYERS, hiddenSize, vocabSize }, 64);
    const tokens = Math.min(4_000, Math.max(100, Math.round(RUN_BYTES / bytes)));
    const { timings } = await duel([decoder(model, tokens)], ROUNDS, signal);
    points.push({
      hidden_size: hiddenSize,
      vocab_size: vocabSize,
      weight_bytes: bytes,
      microseconds: Number(timings['linnet']!.median.toPrecision(3)),
      floor_microseconds: Number(readingTime(bytes).toPrecision(3)),
    });
  }
  return points;
}

/**
 * µs to read so many bytes again and again, at best: from the cache they fit in, else from memory. A search for a byte
 * that is not there is a loop of vector loads and little else.
 */
function readingTime(bytes: number): number {
  const data = Buffer.alloc(bytes, 1);
  let best = Infinity;
  for (let spent = 0, passes = 0; spent < 200 || passes < 5; passes++) {
    const start = performance.now();
    if (data.indexOf(0) >= 0) throw new Error('not reached: it reads all of it');
    const took = performance.now() - start;
    spent += took;
    if (took < best) best = took;
  }
  return 1000 * best;
}
