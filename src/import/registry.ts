/** The architectures that can be imported, by `model_type`. To add one: its file and a line here. */
import type { Importer } from './architecture.js';
import { importFastText } from './fasttext.js';
import { importRnnClassifier } from './rnn-classifier.js';
import { importRnnCnn } from './rnn-cnn.js';
import { importLstmLm, importRnnLm } from './rnn-lm.js';
import { importTextCnn } from './text-cnn.js';

export const IMPORTERS: ReadonlyMap<string, Importer> = new Map<string, Importer>([
  ['lstm_lm', importLstmLm],
  ['rnn_lm', (config, weights) => importRnnLm(config, weights)],
  ['text_cnn', importTextCnn],
  ['rnn_classifier', importRnnClassifier],
  ['rnn_cnn', importRnnCnn],
  ['fasttext', importFastText],
]);
