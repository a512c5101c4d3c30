/** The images of test/conformance/*.linnet. */
import type { ImageContent } from '../../src/image/content';
import { ImageBuilder, type Fill } from './builder';
import { bpeTables, wordLevelTables } from './tokenizers';

const METADATA = { note: 'random weights, for tests' };

/** Two layers; one table is embedding and output layer, rescaled in both places. */
function tiedLanguageModel(): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'language_model',
      name: 'lm-tied',
      labels: [],
      minTokens: 1,
      maxTokens: 0,
      logitFrac: 8,
      bosId: 0,
      tokenizer: bpeTables(),
    },
    1,
  );
  const x = b.lstm(b.lstm(b.embedding(24, true), 24), 24);
  b.linear(x, b.vocabSize, { dtype: 'i16', rms: 700, weight: b.table });
  return b.finish(METADATA);
}

/** Odd sizes, the embedding's rows as they are, an output layer of its own without bias, an end token. */
function untiedLanguageModel(name: string, seed: number, fill: Fill, logitFrac: number): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'language_model',
      name,
      labels: [],
      minTokens: 1,
      maxTokens: 0,
      logitFrac,
      bosId: 0,
      eosId: 1,
      tokenizer: bpeTables(),
    },
    seed,
    fill,
  );
  const x = b.linear(b.lstm(b.embedding(17, false), 13), 11, { dtype: 'i8', activation: 'relu' });
  b.linear(x, b.vocabSize, { dtype: 'i16', rms: 2 * 2 ** logitFrac, bias: false });
  return b.finish(METADATA);
}

/** Text-CNN. */
function textCnn(name: string, seed: number, fill: Fill): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name,
      labels: ['negative', 'neutral', 'très positif'],
      minTokens: 5,
      maxTokens: 40,
      padId: 0,
      logitFrac: 10,
      tokenizer: wordLevelTables(),
    },
    seed,
    fill,
  );
  const x = b.embedding(12, false);
  const pooled = [2, 3, 5].map((width) => b.maxOverTime(b.conv1d(x, 9, width, 'relu')));
  b.softmax(b.linear(b.concat(pooled), 3, { dtype: 'i16', rms: 900 }));
  return b.finish(METADATA);
}

/** Everything that may run over time, one after another. */
function sequenceClassifier(): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name: 'sequence',
      labels: ['yes', 'no'],
      minTokens: 3,
      maxTokens: 30,
      padId: 0,
      logitFrac: 0,
      tokenizer: wordLevelTables(),
    },
    7,
  );
  const x = b.linear(b.embedding(8, true), 10, { dtype: 'i8', activation: 'relu' });
  const y = b.conv1d(b.lstm(x, 9), 6, 3, 'none');
  b.softmax(b.linear(b.linear(b.maxOverTime(y), 5, { dtype: 'i8' }), 2, { dtype: 'i16', rms: 2 }));
  return b.finish(METADATA);
}

/** Both resets of the GRU, with and without a second bias. */
function gruLanguageModel(): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'language_model',
      name: 'lm-gru',
      labels: [],
      minTokens: 1,
      maxTokens: 0,
      logitFrac: 9,
      bosId: 0,
      tokenizer: bpeTables(),
    },
    8,
  );
  // More units than the engines take at a time, and not a multiple of it.
  const x = b.gru(b.gru(b.embedding(20, false), 45, 'after'), 37, 'before', { bias: false });
  b.linear(x, b.vocabSize, { dtype: 'i16', rms: 1300 });
  return b.finish(METADATA);
}

/** Every recurrent op in both directions, joined over time, and every way to make one step of a sequence. */
function bidirectional(name: string, seed: number, fill: Fill): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name,
      labels: ['up', 'down', 'strange', 'charm'],
      minTokens: 2,
      maxTokens: 33,
      padId: 0,
      logitFrac: 9,
      tokenizer: wordLevelTables(),
    },
    seed,
    fill,
  );
  const x = b.embedding(10, false);
  const first = b.concat([b.lstm(x, 7), b.lstm(x, 7, 'reverse'), b.rnn(x, 5), b.rnn(x, 34, 'reverse')]);
  const after = b.concat([b.gru(first, 9, 'after'), b.gru(first, 9, 'after', { direction: 'reverse' })]);
  const before = b.concat([b.gru(first, 6, 'before'), b.gru(first, 35, 'before', { direction: 'reverse' })]);
  const pooled = b.concat([
    b.lastStep(after, 'forward'),
    b.lastStep(after, 'reverse'),
    b.meanOverTime(before, 1),
    b.meanOverTime(x, 0),
    b.maxOverTime(before),
  ]);
  b.softmax(b.linear(pooled, 4, { dtype: 'i16', rms: 900 }));
  return b.finish(METADATA);
}

export const MODELS: Readonly<Record<string, () => ImageContent>> = {
  'lm-tied': tiedLanguageModel,
  'lm-untied': () => untiedLanguageModel('lm-untied', 2, 'uniform', 7),
  'lm-extreme': () => untiedLanguageModel('lm-extreme', 3, 'extreme', 10),
  cnn: () => textCnn('cnn', 5, 'uniform'),
  'cnn-extreme': () => textCnn('cnn-extreme', 6, 'extreme'),
  sequence: sequenceClassifier,
  'lm-gru': gruLanguageModel,
  bidirectional: () => bidirectional('bidirectional', 9, 'uniform'),
  'bidirectional-extreme': () => bidirectional('bidirectional-extreme', 10, 'extreme'),
};
