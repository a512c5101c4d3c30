/** A `.bin` of the fastText project's `fasttext supervised` → float graph: the mean of the rows, a linear layer. */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { LinnetError } from '../errors.js';
import type { Graph, Node, Weight } from '../graph/graph.js';
import { poolOverTime } from '../graph/nodes.js';
import { LIMITS } from '../schema/image.js';
import { compareBytes } from '../tokenizer/bytes.js';
import { sortByBytes } from '../tokenizer/json.js';
import type { TokenizerTables } from '../tokenizer/tables.js';
import { Config, isText } from './config.js';
import { FastTextFile, type FastTextArgs, type FastTextMatrix } from './fasttext-file.js';
import { commonFields, parseJson, readCheckpointFile } from './files.js';

const SUPERVISED = 3;
const SOFTMAX = 3;
const LOSSES = ['', 'hs', 'ns', 'softmax', 'one-vs-all'];
const LABEL_PREFIX = '__label__';
/** Largest embedding: that of the image format's tensors. */
const MAX_EMBEDDING = 2 ** 28;
/** Words of the longest text, if a configuration does not give max_length. */
const DEFAULT_WORDS = 128;

/**
 * @param path the file; config.json beside it may give name, max_length (in ids: those of words and of n-grams), license
 *   and source
 * @throws LinnetError file_not_found, file_unreadable, bad_checkpoint, unsupported_model
 */
export async function importFastTextBin(path: string): Promise<Graph> {
  const file = await FastTextFile.open(path);
  try {
    checkKind(file.args, path);
    const dictionary = await file.dictionary();
    const { dim, words, labels } = file.args;
    const wordNgrams = Math.max(1, file.args.wordNgrams);
    // Without n-grams some versions write buckets all the same.
    const bucketCount = wordNgrams === 1 ? 0 : file.args.bucket;
    const input = await file.matrix(dictionary.end);
    if (input.quantized) throw quantized(path);
    checkSizes(file.args, words + bucketCount, path);
    checkShape(file, input, words + file.args.bucket);
    const output = await file.matrix(input.start + 4 * (words + file.args.bucket) * dim);
    if (output.quantized) throw quantized(path);
    checkShape(file, output, labels);
    const table = await weight(file, 'input matrix', input, [words + bucketCount, dim]);
    const linear = await weight(file, 'output matrix', output, [labels, dim]);
    return {
      kind: 'classifier',
      nodes: nodesOf(table, linear),
      labels: readLabels(dictionary.labels, path),
      minTokens: 1,
      ...(await configured(path, words + bucketCount, wordNgrams)),
      tokenizer: tables(dictionary.words, wordNgrams, bucketCount, file),
    };
  } finally {
    await file.close();
  }
}

function unsupported(what: string, path: string, remedy: string): LinnetError {
  return new LinnetError('unsupported_model', what, path, remedy);
}

function quantized(path: string): LinnetError {
  return unsupported(
    'fastText has quantized it',
    path,
    'give the .bin that it was made from; Linnet quantizes it itself',
  );
}

function checkKind({ version, model, loss, maxn, wordNgrams, pruned }: FastTextArgs, path: string): void {
  if (version !== 11 && version !== 12)
    throw unsupported(
      `version ${version} of fastText's file format`,
      path,
      'retrain with fastText 0.9: 12 is its version',
    );
  if (pruned >= 0n) throw quantized(path);
  if (model !== SUPERVISED)
    throw unsupported('its words have vectors, but no labels', path, 'train a classifier: fasttext supervised');
  // The scores of the others are no softmax: a hierarchy of them, or one yes or no a label.
  if (loss !== SOFTMAX) throw unsupported(`its loss is ${LOSSES[loss] ?? loss}`, path, 'retrain with -loss softmax');
  // Version 11 has none whatever it says.
  if (version === 12 && maxn > 0)
    throw unsupported('it uses n-grams of characters', path, 'retrain with -minn 0 -maxn 0');
  if (wordNgrams > LIMITS.max_word_ngrams)
    throw unsupported(
      `n-grams of ${wordNgrams} words`,
      path,
      `retrain with -wordNgrams ${LIMITS.max_word_ngrams} or less`,
    );
}

/** @param rows of the embedding */
function checkSizes({ words, bucket, labels, dim, wordNgrams }: FastTextArgs, rows: number, path: string): void {
  if (labels < 1 || labels > LIMITS.max_labels)
    throw unsupported(`${labels} labels`, path, `this version supports 1 … ${LIMITS.max_labels}`);
  if (wordNgrams > 1 && bucket === 0)
    throw new LinnetError('bad_checkpoint', 'n-grams of words, but no buckets', path, 'copy it again');
  const room = LIMITS.max_vocab - words;
  if (rows > LIMITS.max_vocab)
    throw unsupported(
      rows === words ? `${words} words` : `${words} words and ${bucket} buckets of n-grams`,
      path,
      room < 1 || rows === words
        ? `retrain with a higher -minCount: ${LIMITS.max_vocab} words and buckets are the most`
        : `retrain with -bucket ${room} or less: ${LIMITS.max_vocab} words and buckets are the most`,
    );
  if (rows < 1) throw unsupported('it knows no words', path, 'retrain with a lower -minCount');
  if (dim > LIMITS.max_columns || rows * dim > MAX_EMBEDDING)
    throw unsupported(`vectors of ${dim} numbers`, path, 'retrain with a lower -dim');
}

function checkShape(file: FastTextFile, { rows, columns }: FastTextMatrix, expected: number): void {
  const { dim } = file.args;
  if (rows !== BigInt(expected) || columns !== BigInt(dim))
    throw file.fault(`a matrix is [${rows}, ${columns}], expected [${expected}, ${dim}]`);
}

async function weight(
  file: FastTextFile,
  name: string,
  matrix: FastTextMatrix,
  shape: readonly [number, number],
): Promise<Weight> {
  return { name, shape, data: await file.elements(matrix, shape[0] * shape[1]) };
}

function nodesOf(table: Weight, linear: Weight): Node[] {
  const [labels, dim] = linear.shape as [number, number];
  const bias = { name: 'no bias', shape: [labels], data: new Float32Array(labels) };
  return [
    { op: 'embedding', output: 'embedding', table },
    poolOverTime({ output: 'mean', input: 'embedding' }, 'average', dim),
    { op: 'linear', output: 'fc', input: 'mean', weight: linear, bias, activation: 'none' },
    { op: 'softmax', output: 'softmax', input: 'fc' },
  ];
}

/** Without the prefix that marks labels in the training text; the file does not say which, this is the default one. */
function readLabels(labels: readonly Uint8Array[], path: string): string[] {
  const texts = labels.map((bytes) => Buffer.from(bytes).toString());
  const marked = texts.every((text) => text.startsWith(LABEL_PREFIX));
  const names = marked ? texts.map((text) => text.slice(LABEL_PREFIX.length)) : texts;
  const odd = names.findIndex((name) => name === '' || !isText(name) || name.includes('\ufffd'));
  if (odd >= 0)
    throw unsupported(
      `its label ${JSON.stringify(texts[odd])} is no name`,
      path,
      'retrain with labels of readable UTF-8 text',
    );
  if (new Set(names).size < names.length)
    throw new LinnetError('bad_checkpoint', 'two labels have one name', path, 'copy it again');
  return names;
}

function tables(
  words: readonly Uint8Array[],
  wordNgrams: number,
  bucketCount: number,
  file: FastTextFile,
): TokenizerTables {
  const sortedIds = sortByBytes([...words.keys()], words);
  if (sortedIds.some((id, i) => i > 0 && compareBytes(words[sortedIds[i - 1]!]!, words[id]!) === 0))
    throw file.fault('a word is in its dictionary twice');
  return {
    kind: 'word_level',
    lowercase: false,
    splitPunctuation: false,
    joinWithSpace: true,
    appendEos: true,
    asciiSpaces: true,
    lineFeed: false,
    wordNgrams,
    bucketCount,
    tokens: words,
    sortedIds,
    merges: [],
    byteIds: [],
  };
}

async function configured(
  path: string,
  vocabSize: number,
  wordNgrams: number,
): Promise<Pick<Graph, 'name' | 'maxTokens' | 'metadata'>> {
  const configPath = join(dirname(path), 'config.json');
  const json = existsSync(configPath) ? parseJson(await readCheckpointFile(configPath, ''), configPath) : {};
  const config = new Config(json, configPath);
  const { name, metadata } = commonFields(config, vocabSize, basename(path, extname(path)));
  const maxTokens = config.optionalInteger('max_length', { min: 1, max: LIMITS.max_tokens });
  return {
    name,
    maxTokens: maxTokens ?? DEFAULT_WORDS * wordNgrams,
    metadata: { ...metadata, model_type: 'fasttext' },
  };
}
