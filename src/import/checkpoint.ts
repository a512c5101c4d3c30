/** A folder as model hubs hold it (config.json, model.safetensors, tokenizer.json) → float graph. */
import { basename, join, resolve } from 'node:path';
import type { Graph } from '../graph/graph.js';
import { Config } from './config.js';
import { commonFields, matchingTokenizer, parseJson, readCheckpointFile } from './files.js';
import { IMPORTERS } from './registry.js';
import { parseSafetensors } from './safetensors.js';
import { Weights } from './weights.js';

/**
 * @param dir the checkpoint's folder
 * @throws LinnetError file_not_found, file_unreadable, bad_checkpoint, unsupported_model, or what
 *   `importTokenizer` throws
 */
export async function importCheckpoint(dir: string): Promise<Graph> {
  const read = (path: string) =>
    readCheckpointFile(
      path,
      'give a folder with config.json, model.safetensors and tokenizer.json, an .onnx file, or a .bin of fastText',
    );
  const configPath = join(dir, 'config.json');
  const weightsPath = join(dir, 'model.safetensors');
  const tokenizerPath = join(dir, 'tokenizer.json');
  const config = new Config(parseJson(await read(configPath), configPath), configPath);
  const modelType = config.text('model_type');
  const importer = IMPORTERS.get(modelType);
  if (!importer)
    throw config.unsupported(
      `model_type is "${modelType}"`,
      `this version imports ${[...IMPORTERS.keys()].join(', ')}`,
    );

  const weights = new Weights(parseSafetensors(await read(weightsPath), weightsPath), weightsPath);
  const { ngrams, ...architecture } = importer(config, weights);
  weights.finish();

  const vocabSize = config.integer('vocab_size', { min: 1, max: Infinity });
  const json = parseJson(await read(tokenizerPath), tokenizerPath);
  const tokenizer = matchingTokenizer(json, tokenizerPath, vocabSize, ngrams);
  return { ...architecture, tokenizer, ...commonFields(config, vocabSize, basename(resolve(dir))) };
}
