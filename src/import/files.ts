/** The files of a checkpoint, every failure told in one line. */
import { readFile } from 'node:fs/promises';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { importTokenizer } from '../tokenizer/import.js';
import { vocabSizeOf, type HashedNgrams, type TokenizerTables } from '../tokenizer/tables.js';
import type { Config } from './config.js';

/**
 * @param remedy for a file that is not there
 * @throws LinnetError file_not_found, file_unreadable
 */
export async function readCheckpointFile(path: string, remedy: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(cause, path, remedy);
  }
}

/**
 * Why a file could not be opened or read.
 * @param remedy for one that is not there
 */
export function fileError(cause: unknown, path: string, remedy: string): LinnetError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new LinnetError('file_not_found', 'no such file', path, remedy, { cause });
  const what = `cannot be read: ${message}`;
  return new LinnetError('file_unreadable', what, path, 'check that it is a file you may read', { cause });
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
 * @param ngrams of words, hashed into rows after those of the tokens
 * @throws LinnetError bad_checkpoint, unsupported_model, or what `importTokenizer` throws
 */
export function matchingTokenizer(
  json: unknown,
  path: string,
  vocabSize: number,
  ngrams: HashedNgrams = { wordNgrams: 1, bucketCount: 0 },
): TokenizerTables {
  const tokenizer = { ...importTokenizer(json, path), ...ngrams };
  const { tokens, bucketCount } = tokenizer;
  if (bucketCount > 0 && tokenizer.kind !== 'word_level')
    throw new LinnetError('unsupported_model', 'n-grams of BPE tokens', path, 'use a WordLevel tokenizer');
  if (vocabSizeOf(tokenizer) !== vocabSize)
    throw new LinnetError(
      'bad_checkpoint',
      `tokenizer has ${tokens.length} tokens${bucketCount > 0 ? ` and there are ${bucketCount} buckets` : ''}, the embedding ${vocabSize} rows`,
      path,
      bucketCount > 0 ? '"vocab_size" is tokens and buckets' : 'take both from the same model',
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
