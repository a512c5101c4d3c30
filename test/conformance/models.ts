/** The images of test/conformance/*.linnet. */
import type { ImageContent } from '../../src/image/content';
import { ImageBuilder, type Fill } from './builder';
import { bpeTables, ngramTables, wordLevelTables, lineTables } from './tokenizers';

const METADATA = { note: 'random weights, for tests' };
const ALL_STEPS = { kernel: [0, 1] } as const;

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

/** Text-CNN, with pools over time or with convolutions that keep the largest by themselves. */
function textCnn(name: string, seed: number, fill: Fill, fused: boolean): ImageContent {
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
  const pooled = [2, 3, 5].map((width) => {
    const convolution = { kernel: [width, 1], activation: 'relu' } as const;
    if (fused) return b.conv(x, 9, { ...convolution, overTime: 'largest' });
    return b.pool(b.conv(x, 9, convolution), 'max', ALL_STEPS);
  });
  b.softmax(b.linear(b.concat(pooled), 3, { dtype: 'i16', rms: 900 }));
  return b.finish(METADATA);
}

/** The largest of all steps of convolutions of every kind, of the states of a recurrent layer, and of one step. */
function largestCnn(name: string, seed: number, fill: Fill): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name,
      labels: ['good', 'bad'],
      minTokens: 3,
      maxTokens: 30,
      padId: 0,
      logitFrac: 9,
      tokenizer: wordLevelTables(),
    },
    seed,
    fill,
  );
  const overTime = 'largest';
  const x = b.embedding(12, true);
  const largest = b.concat([
    // More filters than a board takes at a time.
    b.conv(x, 70, { overTime, kernel: [3, 1], padBegin: [1, 0], padEnd: [2, 0], activation: 'relu' }),
    b.conv(x, 21, { overTime, kernel: [3, 1] }), // of the shortest input, one step
    b.conv(x, 5, { overTime, channels: 3, kernel: [3, 2], stride: [2, 1], activation: 'tanh' }),
    b.conv(x, 6, {
      ...{ overTime, channels: 4, groups: 2, kernel: [2, 3], dilation: [2, 1], padBegin: [1, 2], padEnd: [1, 2] },
      activation: 'sigmoid',
    }),
    b.conv(x, 4, {
      ...{ overTime, channels: 2, kernel: [3, 3], upsample: [2, 2], padBegin: [2, 1], padEnd: [2, 2] },
      bias: false,
    }),
    b.conv(b.gru(x, 9, 'after', { direction: 'reverse' }), 8, { overTime, kernel: [2, 1], activation: 'relu' }),
  ]);
  const ofOneStep = b.conv(largest, 3, { overTime, channels: 2, kernel: [1, 8], stride: [1, 6], activation: 'relu' });
  b.softmax(b.linear(ofOneStep, 2, { dtype: 'i16', rms: 700 }));
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
  const y = b.conv(b.lstm(x, 9), 6, { kernel: [3, 1] });
  const pooled = b.pool(y, 'max', ALL_STEPS);
  b.softmax(b.linear(b.linear(pooled, 5, { dtype: 'i8' }), 2, { dtype: 'i16', rms: 2 }));
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
    b.pool(before, 'average', { ...ALL_STEPS, gain: 1 }),
    b.pool(x, 'average', ALL_STEPS),
    b.pool(before, 'max', ALL_STEPS),
  ]);
  b.softmax(b.linear(pooled, 4, { dtype: 'i16', rms: 900 }));
  return b.finish(METADATA);
}

/** A CNN over [time, embedding]: windows of every kind, pools of every mode, and the same of one step. */
function planeCnn(name: string, seed: number, fill: Fill): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name,
      labels: ['a', 'b', 'c'],
      minTokens: 4,
      maxTokens: 31,
      padId: 0,
      logitFrac: 10,
      tokenizer: lineTables(),
    },
    seed,
    fill,
  );
  const strided = b.conv(b.embedding(12, true), 4, {
    channels: 1,
    kernel: [3, 4],
    stride: [2, 2],
    padBegin: [1, 1],
    padEnd: [1, 0],
    activation: 'relu',
  }); // [⌊(n + 1) / 2⌋, 5·4]
  const normed = b.conv(strided, 4, { channels: 4, groups: 4 });
  const dilated = { channels: 4, kernel: [2, 3], dilation: [2, 2], padBegin: [1, 2], padEnd: [1, 2] } as const;
  const x = b.conv(normed, 6, { ...dilated, groups: 2, activation: 'tanh' });
  const y = b.conv(normed, 6, { ...dilated, activation: 'sigmoid', bias: false });
  const windows = { channels: 6, kernel: [3, 2], stride: [2, 1], padBegin: [1, 1], padEnd: [2, 0] } as const;
  const gated = b.add(x, y);
  const largest = b.pool(gated, 'max', windows);
  const mean = b.pool(gated, 'average', { ...windows, gain: 1, countPadding: true });
  const inside = b.pool(x, 'average', windows);
  const norm = b.pool(gated, 'lp', { ...windows, order: 2 });
  const z = b.add(b.mul(largest, norm), b.mul(mean, inside, 'tanh'), 'relu');
  const all = [5, 2].map((width) => ({ channels: 6, kernel: [0, width], stride: [1, width] }) as const);
  const pooled = b.concat([
    b.pool(z, 'max', all[1]),
    b.pool(z, 'average', { ...all[0]!, gain: 3 }),
    b.pool(x, 'average', { ...all[0]!, gain: 7, padBegin: [0, 2], padEnd: [0, 1], countPadding: true }),
    ...[1, 2, 3].map((order) => b.pool(x, 'lp', { ...all[0]!, order })),
    b.pool(y, 'max', all[0]),
    b.pool(y, 'lp', { ...all[0]!, order: 3 }),
  ]);
  // One step of 54 features, as [27, 2]: time has one position, which padding may surround.
  const step = b.conv(pooled, 2, {
    channels: 2,
    kernel: [3, 3],
    stride: [1, 2],
    padBegin: [1, 0],
    padEnd: [1, 0],
    activation: 'sigmoid',
  });
  const flat = b.conv(b.mul(step, step), 3, { channels: 2, kernel: [1, 13] });
  const ends = b.add(
    b.pool(step, 'max', { channels: 2, kernel: [2, 3], padBegin: [1, 0], stride: [2, 4] }),
    b.pool(step, 'lp', { channels: 2, kernel: [0, 3], stride: [1, 4], order: 3 }),
    'sigmoid',
  );
  b.softmax(b.linear(b.concat([flat, ends]), 3, { dtype: 'i16', rms: 900 }));
  return b.finish(METADATA);
}

/** Transposed convolutions, then strides one upon the other: the time form has a factor and a divisor. */
function deepCnn(name: string, seed: number, fill: Fill): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name,
      labels: ['left', 'right'],
      minTokens: 3,
      maxTokens: 26,
      padId: 0,
      logitFrac: 8,
      tokenizer: wordLevelTables(),
    },
    seed,
    fill,
  );
  const transposed = b.conv(b.embedding(6, false), 4, {
    channels: 2,
    kernel: [3, 3],
    upsample: [2, 2],
    padBegin: [2, 1],
    padEnd: [2, 2],
    activation: 'relu',
  }); // [2n + 1, 6·4]
  const again = b.conv(transposed, 3, { channels: 4, kernel: [4, 2], upsample: [3, 1], padBegin: [1, 0] });
  const x = b.conv(again, 5, { kernel: [2, 1], stride: [3, 1], padEnd: [1, 0], activation: 'tanh' });
  const y = b.conv(x, 5, { kernel: [3, 1], padBegin: [1, 0], padEnd: [1, 0], groups: 5 });
  const residual = b.add(x, y, 'relu');
  const halved = b.conv(residual, 6, {
    kernel: [3, 1],
    stride: [2, 1],
    dilation: [2, 1],
    padBegin: [2, 0],
    padEnd: [1, 0],
  });
  const wide = b.conv(halved, 2, {
    channels: 2,
    kernel: [1, 2],
    upsample: [1, 2],
    padBegin: [0, 1],
    activation: 'tanh',
  });
  const quarter = b.pool(wide, 'max', { channels: 2, kernel: [2, 2], stride: [2, 2], padEnd: [1, 0] });
  const rows = b.rnn(quarter, 9, 'reverse');
  const gate = b.linear(rows, 9, { dtype: 'i8', activation: 'sigmoid' });
  const pooled = b.pool(b.mul(b.linear(rows, 9, { dtype: 'i8', activation: 'tanh' }), gate), 'average', ALL_STEPS);
  b.softmax(b.linear(b.concat([pooled, b.lastStep(rows, 'reverse')]), 2, { dtype: 'i16', rms: 500 }));
  return b.finish(METADATA);
}

/** What windows over the width may do in a language model: one step at a time, gated and added. */
function gatedLanguageModel(): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'language_model',
      name: 'lm-gated',
      labels: [],
      minTokens: 1,
      maxTokens: 0,
      logitFrac: 8,
      bosId: 0,
      tokenizer: bpeTables(),
    },
    13,
  );
  const x = b.rnn(b.embedding(16, true), 24);
  const windows = { channels: 3, kernel: [1, 3], padBegin: [0, 1], padEnd: [0, 1] } as const;
  const gated = b.mul(
    b.conv(x, 3, { ...windows, activation: 'tanh' }),
    b.conv(x, 3, { ...windows, activation: 'sigmoid' }),
  );
  const mean = b.pool(b.add(x, gated), 'average', { channels: 3, kernel: [1, 2], stride: [1, 2] });
  b.linear(mean, b.vocabSize, { dtype: 'i16', rms: 900 });
  return b.finish(METADATA);
}

/** The mean of what words and hashed n-grams of words stand for. */
function fastText(): ImageContent {
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name: 'fasttext',
      labels: ['spam', 'ham'],
      minTokens: 1,
      maxTokens: 300,
      logitFrac: 9,
      tokenizer: ngramTables(),
    },
    14,
  );
  const mean = b.pool(b.embedding(10, false), 'average', { ...ALL_STEPS, gain: 3 });
  b.softmax(b.linear(mean, 2, { dtype: 'i16', rms: 700, bias: false }));
  return b.finish(METADATA);
}

export const MODELS: Readonly<Record<string, () => ImageContent>> = {
  'lm-tied': tiedLanguageModel,
  'lm-untied': () => untiedLanguageModel('lm-untied', 2, 'uniform', 7),
  'lm-extreme': () => untiedLanguageModel('lm-extreme', 3, 'extreme', 10),
  cnn: () => textCnn('cnn', 5, 'uniform', false),
  'cnn-extreme': () => textCnn('cnn-extreme', 6, 'extreme', false),
  'cnn-fused': () => textCnn('cnn-fused', 5, 'uniform', true),
  'cnn-fused-extreme': () => textCnn('cnn-fused-extreme', 6, 'extreme', true),
  'cnn-largest': () => largestCnn('cnn-largest', 17, 'uniform'),
  'cnn-largest-extreme': () => largestCnn('cnn-largest-extreme', 18, 'extreme'),
  sequence: sequenceClassifier,
  'lm-gru': gruLanguageModel,
  bidirectional: () => bidirectional('bidirectional', 9, 'uniform'),
  'bidirectional-extreme': () => bidirectional('bidirectional-extreme', 10, 'extreme'),
  'cnn-plane': () => planeCnn('cnn-plane', 11, 'uniform'),
  'cnn-plane-extreme': () => planeCnn('cnn-plane-extreme', 15, 'extreme'),
  'cnn-deep': () => deepCnn('cnn-deep', 12, 'uniform'),
  'cnn-deep-extreme': () => deepCnn('cnn-deep-extreme', 16, 'extreme'),
  'lm-gated': gatedLanguageModel,
  fasttext: fastText,
};
