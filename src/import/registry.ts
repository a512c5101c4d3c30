/** The architectures that can be imported, by `model_type`. To add one: its file and a line here. */
import type { Importer } from './architecture.js';
import { importLstmLm } from './lstm-lm.js';
import { importTextCnn } from './text-cnn.js';

export const IMPORTERS: ReadonlyMap<string, Importer> = new Map<string, Importer>([
  ['lstm_lm', importLstmLm],
  ['text_cnn', importTextCnn],
]);
