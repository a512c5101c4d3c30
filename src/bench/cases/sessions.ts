/** Many texts at once from one model, whose weights they share. */
import { NativeModel } from '../../engine/native.js';
import { median } from '../measure.js';
import type { SessionsResult } from '../results.js';
import { SESSIONS, sessionsMemory } from './fresh.js';
import type { LanguageModel } from './language-model.js';

/** Of each session. */
const TOKENS = 100;
const ALONE = 2_000;
const ROUNDS = 3;

export async function manySessions(lm: LanguageModel, signal?: AbortSignal): Promise<SessionsResult> {
  const model = new NativeModel(lm.image, lm.graph.name);
  try {
    const greedy = (maxTokens: number) => model.generate('', { maxTokens, temperature: 0 });
    const first: number[] = [];
    await read(greedy(TOKENS), first);
    const alone: number[] = [];
    const together: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      signal?.throwIfAborted();
      alone.push(await rate(ALONE, () => read(greedy(ALONE))));
      together.push(
        await rate(SESSIONS * TOKENS, async () => {
          const streams = Array.from({ length: SESSIONS }, () => greedy(TOKENS));
          const texts = streams.map((): number[] => []);
          const reading = streams.map((stream, i) => read(stream, texts[i]));
          await Promise.all(reading);
          if (texts.some((ids) => ids.join() !== first.join())) throw new Error('two sessions gave different texts');
        }),
      );
    }
    return {
      sessions: SESSIONS,
      tokens_per_second: Math.round(median(together)),
      alone_tokens_per_second: Math.round(median(alone)),
      bytes_per_session: Math.round((await sessionsMemory(lm)) / SESSIONS),
      state_bytes: model.info.ramBytes,
    };
  } finally {
    await model.close();
  }
}

async function read(stream: AsyncIterable<{ id: number }>, ids?: number[]): Promise<void> {
  for await (const { id } of stream) ids?.push(id);
}

async function rate(tokens: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (1000 * tokens) / (performance.now() - start);
}
