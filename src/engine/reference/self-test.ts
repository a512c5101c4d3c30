/** docs/numerics.md, 7: one digest over everything an engine computes. */
import { createHash, type Hash } from 'node:crypto';
import type { Image } from '../../image/read.js';
import { ReferenceEngine } from './engine.js';
import { Pcg32 } from './pcg32.js';
import { GREEDY, Sampler } from './sampler.js';
import { negativeLogLikelihood } from './score.js';

const GREEDY_TOKENS = 32;
const SAMPLED_TOKENS = 32;
const CLASSIFIER_LENGTHS = [7, 20, 64];

/** SHA-256, hex. */
export function selfTest(image: Image): string {
  const hash = createHash('sha256');
  const engine = new ReferenceEngine(image);
  if (image.kind === 'language_model') testLanguageModel(engine, hash);
  else testClassifier(engine, hash);
  return hash.digest('hex');
}

function testLanguageModel(engine: ReferenceEngine, hash: Hash): void {
  const { header, bosId = 0 } = engine.image;
  const greedy = new Sampler(GREEDY, header.logit_frac);
  const sampled = new Sampler(
    { seed: 1, temperatureQ12: 3277, topK: Math.min(40, header.vocab_size) },
    header.logit_frac,
  );
  engine.reset();
  engine.feed(bosId);
  const chosen = Array.from({ length: GREEDY_TOKENS + SAMPLED_TOKENS }, (_, i) => {
    const id = (i < GREEDY_TOKENS ? greedy : sampled).choose(engine.logits());
    engine.feed(id);
    return id;
  });
  for (const id of chosen) put16(hash, id);
  engine.reset();
  engine.feed(bosId);
  let nll = 0;
  for (const id of chosen) {
    nll += negativeLogLikelihood(engine.logits(), id, header.logit_frac);
    engine.feed(id);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(nll));
  hash.update(bytes);
}

function testClassifier(engine: ReferenceEngine, hash: Hash): void {
  const { min_tokens, max_tokens, vocab_size } = engine.image.header;
  const random = new Pcg32(1);
  for (const length of [min_tokens, ...CLASSIFIER_LENGTHS]) {
    const count = Math.min(Math.max(length, min_tokens), max_tokens);
    const { logits, scores } = engine.classify(Array.from({ length: count }, () => random.next() % vocab_size));
    for (const logit of logits) put16(hash, logit & 0xffff);
    for (const score of scores) put16(hash, score);
  }
}

function put16(hash: Hash, value: number): void {
  hash.update(Uint8Array.of(value & 0xff, value >> 8));
}
