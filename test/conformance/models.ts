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

export const MODELS: Readonly<Record<string, () => ImageContent>> = {
  'lm-tied': tiedLanguageModel,
  'lm-untied': () => untiedLanguageModel('lm-untied', 2, 'uniform', 7),
  'lm-extreme': () => untiedLanguageModel('lm-extreme', 3, 'extreme', 10),
  cnn: () => textCnn('cnn', 5, 'uniform'),
  'cnn-extreme': () => textCnn('cnn-extreme', 6, 'extreme'),
  sequence: sequenceClassifier,
};
