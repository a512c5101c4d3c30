/** The models of docs/models.md: what each is, what it is tested on, and what others report for its like. */

export interface Published {
  /** Perplexity, or accuracy in %. */
  readonly value: number;
  readonly by: string;
}

export interface Row {
  /** Folder in models/ or, for those whose weights are not shipped, in the folder given by --checkpoints. */
  readonly name: string;
  readonly architecture: string;
  readonly dataset: keyof typeof DATASETS;
  readonly published?: Published;
}

/** `file`: in the folder of corpora, in the project where it is shipped, or what models/train/sentences.py writes. */
export const DATASETS = {
  PTB: { kind: 'text', file: 'ptb/ptb.test.txt.gz', title: 'Penn Treebank, test, 10,000 words' },
  books: { kind: 'text', file: 'models/gutenberg-lm/heldout.txt', title: 'public-domain books, held out' },
  MR: { kind: 'labelled', file: 'mr.test.tsv', title: 'MR, a tenth by a seeded shuffle' },
  'SST-2': { kind: 'labelled', file: 'sst2.test.tsv', title: 'SST-2, test sentences' },
  TREC: { kind: 'labelled', file: 'trec.test.tsv', title: 'TREC, test questions, 6 classes' },
} as const;

const kim = (value: number): Published => ({ value, by: 'CNN-rand, Kim 2014' });

/** By folder suffix; where the figure of a dataset is published, that. */
const CLASSIFIERS = [
  ['textcnn', 'Text-CNN, widths 3 4 5', { MR: kim(76.1), 'SST-2': kim(82.7), TREC: kim(91.2) }],
  ['rnn', 'tanh RNN, last hidden state', {}],
  ['rnncnn', 'convolutions over the states of a bidirectional GRU', {}],
  ['fasttext', 'mean of word embeddings (TREC: and of hashed bigrams)', {}],
] as const satisfies readonly [string, string, Partial<Record<Row['dataset'], Published>>][];

const SENTENCES = [
  ['mr', 'MR'],
  ['sst2', 'SST-2'],
  ['trec', 'TREC'],
] as const;

export const ROWS: readonly Row[] = [
  {
    name: 'ptb-lm',
    architecture: 'LSTM 2×200, tied',
    dataset: 'PTB',
    published: { value: 100.9, by: 'the same form, Press & Wolf 2017' },
  },
  {
    name: 'ptb-untied',
    architecture: 'LSTM 2×200, started from ptb-lm',
    dataset: 'PTB',
    published: { value: 108.98, by: '2×200 with dropout' },
  },
  { name: 'ptb-baseline', architecture: 'LSTM 1×50', dataset: 'PTB' },
  { name: 'gutenberg-lm', architecture: 'LSTM 2×200, tied', dataset: 'books' },
  { name: 'gru-lm', architecture: 'GRU 1×192, tied', dataset: 'books' },
  { name: 'tiny-lm', architecture: 'GRU 1×128', dataset: 'books' },
  ...SENTENCES.flatMap(([prefix, dataset]) =>
    CLASSIFIERS.map(([suffix, architecture, published]): Row => {
      const known: Partial<Record<Row['dataset'], Published>> = published;
      return { name: `${prefix}-${suffix}`, architecture, dataset, published: known[dataset] };
    }),
  ),
  { name: 'trec-deepcnn', architecture: 'Text-CNN over a stacked convolution with batch norm', dataset: 'TREC' },
  { name: 'trec-tiny', architecture: 'GRU 1×48, last hidden state', dataset: 'TREC' },
];
