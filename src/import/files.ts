/** The files of a checkpoint, every failure told in one line. */
import { readFile } from 'node:fs/promises';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { importTokenizer } from '../tokenizer/import.js';
import type { TokenizerTables } from '../tokenizer/tables.js';
import type { Config } from './config.js';

/**
 * @param remedy for a file that is not there
 * @throws LinnetError file_not_found, file_unreadable
 */
export async function readCheckpointFile(path: string, remedy: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new LinnetError('file_not_found', 'no such file', path, remedy, { cause });
    throw new LinnetError(
      'file_unreadable',
      `cannot be read: ${message}`,
      path,
      'check that it is a file you may read',
      { cause },
    );
  }
}

/** @throws LinnetError bad_checkpoint */
export function parseJson(bytes: Buffer, path: string): unknown {
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

/**
 * The tokenizer of a model whose embedding has `vocabSize` rows.
 * @throws LinnetError bad_checkpoint, or what `importTokenizer` throws
 */
export function matchingTokenizer(json: unknown, path: string, vocabSize: number): TokenizerTables {
  const tokenizer = importTokenizer(json, path);
  if (tokenizer.tokens.length !== vocabSize)
    throw new LinnetError(
      'bad_checkpoint',
      `tokenizer has ${tokenizer.tokens.length} tokens, the embedding ${vocabSize} rows`,
      path,
      'take both from the same model',
    );
  return tokenizer;
}

/** What every configuration may say, whatever the model. */
export function commonFields(
  config: Config,
  vocabSize: number,
  defaultName: string,
): Pick<Graph, 'name' | 'bosId' | 'eosId' | 'padId' | 'metadata'> {
  const id = (name: string) => config.optionalTokenId(name, vocabSize);
  return {
    name: config.optionalText('name') ?? defaultName,
    bosId: id('bos_token_id'),
    eosId: id('eos_token_id'),
    padId: id('pad_token_id'),
    metadata: {
      model_type: config.optionalText('model_type'),
      license: config.optionalText('license'),
      source: config.optionalText('source'),
    },
  };
}
