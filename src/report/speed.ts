/** How fast a model is here and now: the one figure of the report that is a measurement of time. */
import { cpus } from 'node:os';
import type { LocalModel } from '../engine/load.js';
import { findAddon } from '../engine/native-addon.js';

const WARM_UP_MS = 100;
const MEASURED_MS = 500;
const MOST_TOKENS = 1_000_000;

export interface Speed {
  readonly unit: 'tokens' | 'sentences';
  /** Units in the time. */
  readonly count: number;
  readonly seconds: number;
  /** Tokens of a sentence, mean; 1 for a language model. */
  readonly tokensEach: number;
  /** "native, avx2", "reference" */
  readonly engine: string;
  /** The processor's name for itself. */
  readonly cpu: string;
}

/**
 * Generates greedily, or classifies, one after another, through the public interface.
 *
 * @param texts sentences that the classifier takes; the first is the prompt of a language model
 * @returns undefined without texts
 */
export async function measureSpeed(
  model: LocalModel,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<Speed | undefined> {
  const generates = model.info.kind === 'language_model';
  if (texts.length === 0) return undefined;
  const run = (ms: number) =>
    generates ? generateFor(model, texts[0]!, ms, signal) : classifyFor(model, texts, ms, signal);
  await run(WARM_UP_MS);
  const { count, tokens, seconds } = await run(MEASURED_MS);
  return {
    unit: generates ? 'tokens' : 'sentences',
    count,
    seconds,
    tokensEach: tokens / count,
    engine: model.engine === 'native' ? `native, ${findAddon()!.kernels()}` : model.engine,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
  };
}

interface Timed {
  readonly count: number;
  readonly tokens: number;
  readonly seconds: number;
}

async function generateFor(model: LocalModel, prompt: string, ms: number, signal?: AbortSignal): Promise<Timed> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < ms) {
    let ended = true; // a model may end its text by itself
    for await (const _token of model.generate(prompt, { maxTokens: MOST_TOKENS, temperature: 0, seed: 1, signal })) {
      count++;
      if (performance.now() - start >= ms) {
        ended = false;
        break;
      }
    }
    if (!ended) break;
  }
  return { count, tokens: count, seconds: (performance.now() - start) / 1000 };
}

async function classifyFor(
  model: LocalModel,
  sentences: readonly string[],
  ms: number,
  signal?: AbortSignal,
): Promise<Timed> {
  const lengths = sentences.map((text) => model.encode(text).length);
  const start = performance.now();
  let count = 0;
  let tokens = 0;
  do {
    signal?.throwIfAborted();
    await model.classify(sentences[count % sentences.length]!);
    tokens += lengths[count % sentences.length]!;
    count++;
  } while (performance.now() - start < ms);
  return { count, tokens, seconds: (performance.now() - start) / 1000 };
}
