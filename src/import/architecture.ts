/** What an importer of one `model_type` gives; the rest of a graph is the same for all of them. */
import type { Graph } from '../graph/graph.js';
import type { HashedNgrams } from '../tokenizer/tables.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

export type Architecture = Pick<Graph, 'kind' | 'nodes' | 'labels' | 'minTokens' | 'maxTokens'> & {
  /** If the model sees word n-grams. */
  readonly ngrams?: HashedNgrams;
};

/** Reads its fields from `config` and takes its tensors from `weights`. Throws LinnetError. */
export type Importer = (config: Config, weights: Weights) => Architecture;
