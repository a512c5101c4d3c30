/** A folder as model hubs hold it (config.json, model.safetensors, tokenizer.json) → float graph. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { importTokenizer } from '../tokenizer/import.js';
import { Config } from './config.js';
import { IMPORTERS } from './registry.js';
import { parseSafetensors } from './safetensors.js';
import { Weights } from './weights.js';

/**
 * @param dir the checkpoint's folder
 * @throws LinnetError file_not_found, file_unreadable, bad_checkpoint, unsupported_model, or what
 *   `importTokenizer` throws
 */
export async function importCheckpoint(dir: string): Promise<Graph> {
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
  const architecture = importer(config, weights);
  weights.finish();

  const tokenizer = importTokenizer(parseJson(await read(tokenizerPath), tokenizerPath), tokenizerPath);
  const vocabSize = config.integer('vocab_size', { min: 1, max: Infinity });
  if (tokenizer.tokens.length !== vocabSize)
    throw new LinnetError(
      'bad_checkpoint',
      `tokenizer has ${tokenizer.tokens.length} tokens, the embedding ${vocabSize} rows`,
      tokenizerPath,
      'take both from the same model',
    );

  const id = (name: string) => config.optionalTokenId(name, vocabSize);
  return {
    name: config.optionalText('name') ?? basename(resolve(dir)),
    ...architecture,
    tokenizer,
    bosId: id('bos_token_id'),
    eosId: id('eos_token_id'),
    padId: id('pad_token_id'),
    metadata: {
      model_type: modelType,
      license: config.optionalText('license'),
      source: config.optionalText('source'),
    },
  };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new LinnetError(
        'file_not_found',
        'no such file',
        path,
        'give a folder with config.json, model.safetensors and tokenizer.json',
        { cause },
      );
    throw new LinnetError(
      'file_unreadable',
      `cannot be read: ${message}`,
      path,
      'check that it is a file you may read',
      { cause },
    );
  }
}

function parseJson(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LinnetError(
      'bad_checkpoint',
      `not valid JSON: ${(cause as Error).message}`,
      path,
      'correct it, or copy it again',
      { cause },
    );
  }
}
