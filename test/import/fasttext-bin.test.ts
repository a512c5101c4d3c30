/** Models of the fastText project: what its own program says of texts (test/golden/fasttext-bin), and every refusal. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LinnetError } from '../../src/errors.js';
import { FloatModel } from '../../src/graph/float-model.js';
import type { EmbeddingNode, Graph, LinearNode } from '../../src/graph/graph.js';
import { placeOf, importModel } from '../../src/import/model.js';
import { quantizeGraph } from '../../src/quantize/quantize-graph.js';
import { randomSequences } from '../../src/quantize/calibration.js';
import { ReferenceModel } from '../../src/engine/reference/model.js';
import { vocabSizeOf } from '../../src/tokenizer/tables.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';

const GOLDEN = join(__dirname, '../golden/fasttext-bin');
const MODEL = readFileSync(join(GOLDEN, 'model.bin'));
const EXPECTED = JSON.parse(readFileSync(join(GOLDEN, 'expected.json'), 'utf8')) as {
  text: string;
  printed: Record<string, number>;
}[];

/** Byte offsets in the file's head. */
const AT = {
  magic: 0,
  version: 4,
  dim: 8,
  wordNgrams: 28,
  loss: 32,
  model: 36,
  bucket: 40,
  maxn: 48,
  entries: 64,
  words: 68,
  labels: 72,
  pruned: 84,
  dictionary: 92,
} as const;
const WORDS = MODEL.readInt32LE(AT.words);
const DIM = MODEL.readInt32LE(AT.dim);
const BUCKET = MODEL.readInt32LE(AT.bucket);
/** Where the input matrix starts: from the end, for all sizes are known. */
const INPUT = MODEL.length - 2 * 17 - 4 * DIM * (3 + WORDS + BUCKET);

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'linnet-fasttext-'))));
afterEach(() => rmSync(dir, { recursive: true }));

function write(bytes: Uint8Array, name = 'model.bin'): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

function patched(edits: Partial<Record<keyof typeof AT, number>>): Buffer {
  const bytes = Buffer.from(MODEL);
  for (const [field, value] of Object.entries(edits)) bytes.writeInt32LE(value, AT[field as keyof typeof AT]);
  return bytes;
}

async function refusal(path: string): Promise<LinnetError> {
  const error = await importModel(path).then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LinnetError);
  expect((error as LinnetError).message).not.toContain('\n');
  expect((error as LinnetError).remedy).not.toBe('');
  return error as LinnetError;
}

async function probabilities(graph: Graph, text: string): Promise<number[]> {
  const logits = Array.from(await new FloatModel(graph).logits(new Tokenizer(graph.tokenizer).encode(text)));
  const exp = logits.map((x) => Math.exp(x - Math.max(...logits)));
  return exp.map((x) => x / exp.reduce((a, b) => a + b));
}

test('the probabilities are those that fastText gives', async () => {
  const graph = await importModel(write(MODEL));
  expect(EXPECTED.length).toBeGreaterThanOrEqual(30);
  for (const { text, printed } of EXPECTED) {
    const found = await probabilities(graph, text);
    expect(Object.keys(printed).sort()).toEqual([...graph.labels].sort());
    for (const [i, label] of graph.labels.entries())
      expect(Math.abs(found[i]! + 1e-5 - printed[label]!)).toBeLessThan(5e-6);
  }
});

test('the int8 image labels texts as fastText does, and its probabilities are near', async () => {
  const graph = await importModel(write(MODEL));
  const calibration = EXPECTED.map(({ text }) => new Tokenizer(graph.tokenizer).encode(text));
  const { image } = await quantizeGraph(graph, { calibration, source: 'given' });
  const model = new ReferenceModel(image);
  for (const { text, printed } of EXPECTED) {
    const { label, scores } = await model.classify(text);
    for (const [name, p] of Object.entries(printed)) expect(Math.abs(scores[name]! - p)).toBeLessThan(0.03);
    const [best, second] = Object.values(printed).sort((a, b) => b - a);
    if (best! - second! > 0.06) expect(printed[label]).toBe(best);
  }
});

test('becomes embedding, average, linear and softmax, and a tokenizer of its dictionary', async () => {
  const graph = await importModel(write(MODEL, 'news.bin'));
  expect(graph).toMatchObject({ name: 'news', kind: 'classifier', minTokens: 1, maxTokens: 3 * 128 });
  expect(graph.labels).toEqual(['answer', 'question', 'naïve']);
  expect(graph.metadata).toMatchObject({ model_type: 'fasttext' });
  expect(graph.nodes.map(({ op }) => op)).toEqual(['embedding', 'pool', 'linear', 'softmax']);
  expect((graph.nodes[0] as EmbeddingNode).table.shape).toEqual([WORDS + BUCKET, DIM]);
  expect((graph.nodes[2] as LinearNode).bias.data).toEqual(new Float32Array(3));
  const { tokenizer } = graph;
  expect(tokenizer).toMatchObject({ appendEos: true, lowercase: false, splitPunctuation: false, wordNgrams: 3 });
  expect(tokenizer.unkId).toBeUndefined();
  expect([tokenizer.tokens.length, tokenizer.bucketCount]).toEqual([WORDS, BUCKET]);
  expect(tokenizer.tokens.slice(0, 3).map((t) => Buffer.from(t).toString())).toEqual(['</s>', 'is', 'the']);
});

test('config.json beside it names it and says how long a text may be', async () => {
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ name: 'tiny', max_length: 20, license: 'MIT' }));
  expect(await importModel(write(MODEL))).toMatchObject({ name: 'tiny', maxTokens: 20, metadata: { license: 'MIT' } });
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ max_length: 5000 }));
  expect((await refusal(join(dir, 'model.bin'))).code).toBe('unsupported_model');
});

test('without n-grams the buckets, which no text reaches, are left out', async () => {
  const graph = await importModel(write(patched({ wordNgrams: 1 })));
  expect(graph.tokenizer).toMatchObject({ wordNgrams: 1, bucketCount: 0 });
  expect((graph.nodes[0] as EmbeddingNode).table.shape).toEqual([WORDS, DIM]);
  expect(vocabSizeOf(graph.tokenizer)).toBe(WORDS);
  expect((graph.nodes[2] as LinearNode).weight).toEqual(
    ((await importModel(write(MODEL))).nodes[2] as LinearNode).weight,
  );
  const words = new Tokenizer(graph.tokenizer).encode('the unknown is');
  expect(words.map((id) => Buffer.from(graph.tokenizer.tokens[id]!).toString())).toEqual(['the', 'is', '</s>']);
});

test('version 11, which knew no n-grams of characters, is read whatever it says of them', async () => {
  expect(await importModel(write(patched({ version: 11, maxn: 6 })))).toEqual(await importModel(write(MODEL)));
});

test('labels keep their text if one has not the usual prefix', async () => {
  const at = MODEL.indexOf('__label__question');
  const bytes = Buffer.from(MODEL);
  bytes.write('--', at);
  expect((await importModel(write(bytes))).labels).toEqual(['__label__answer', '--label__question', '__label__naïve']);
});

test('its own files are looked for beside it', () => {
  expect(placeOf('/models/news.bin')).toEqual({ dir: '/models', name: 'news' });
});

test.each(['model.ftz', 'MODEL.FTZ', 'model.bin'])('%s that fastText quantized is refused', async (name) => {
  const { code, what, remedy } = await refusal(write(readFileSync(join(GOLDEN, 'model.ftz')), name));
  expect([code, what]).toEqual(['unsupported_model', 'fastText has quantized it']);
  expect(remedy).toContain('.bin');
});

const UNSUPPORTED: [name: string, edits: Parameters<typeof patched>[0], what: string, remedy: string][] = [
  ['a later version', { version: 13 }, 'version 13', 'fastText 0.9'],
  ['an earlier version', { version: 10 }, 'version 10', 'fastText 0.9'],
  ['skipgram', { model: 2 }, 'no labels', 'fasttext supervised'],
  ['cbow', { model: 1 }, 'no labels', 'fasttext supervised'],
  ['hierarchical softmax', { loss: 1 }, 'loss is hs', '-loss softmax'],
  ['negative sampling', { loss: 2 }, 'loss is ns', '-loss softmax'],
  ['one against all', { loss: 4 }, 'one-vs-all', '-loss softmax'],
  ['an unknown loss', { loss: 9 }, 'loss is 9', '-loss softmax'],
  ['n-grams of characters', { maxn: 3 }, 'n-grams of characters', '-minn 0 -maxn 0'],
  ['n-grams of six words', { wordNgrams: 6 }, 'n-grams of 6 words', '-wordNgrams 5'],
  ['a pruned dictionary', { pruned: 0 }, 'quantized', '.bin'],
  ['the buckets there are by default', { bucket: 2_000_000 }, `${WORDS} words and 2000000 buckets`, `-bucket ${65534 - WORDS} or less`],
  ['long vectors', { dim: 65537 }, '65537', '-dim'],
]; // prettier-ignore

test.each(UNSUPPORTED)('%s: refused, with the option that helps', async (name, edits, what, remedy) => {
  const bytes = patched(edits);
  if (name === 'a pruned dictionary') bytes.writeBigInt64LE(0n, AT.pruned);
  const error = await refusal(write(bytes));
  expect(error.code).toBe('unsupported_model');
  expect(error.what).toContain(what);
  expect(error.remedy).toContain(remedy);
});

test('more words than an image has room for: refused with -minCount', async () => {
  const words = Array.from({ length: 65534 }, (_, i) => `w${i}`);
  const big = { wordNgrams: 1, bucket: 0, words: words.concat('one'), labels: ['__label__a'] };
  expect(await refusal(write(fastText(big)))).toMatchObject({ what: '65535 words', code: 'unsupported_model' });
  const full = await refusal(write(fastText({ ...big, wordNgrams: 2, bucket: 1, words })));
  expect(full.remedy).toContain('-minCount');
  expect((await importModel(write(fastText({ ...big, words })))).tokenizer.tokens).toHaveLength(65534);
});

test('a word or label too long, labels that are no names, too many labels: refused', async () => {
  const make = (words: string[], labels: string[]) => write(fastText({ wordNgrams: 1, bucket: 0, words, labels }));
  const good = ['__label__a', '__label__b'];
  expect((await importModel(make(['x'.repeat(255)], good))).labels).toEqual(['a', 'b']);
  expect((await refusal(make(['x'.repeat(256)], good))).what).toContain('256 bytes');
  expect((await refusal(make(['x'], ['__label__' + 'x'.repeat(247)]))).what).toContain('256 bytes');
  expect((await refusal(make(['x'], ['__label__', '__label__b']))).code).toBe('unsupported_model');
  expect((await refusal(make(['x'], ['__label__\u001b[1m']))).what).toContain('\\u001b');
  const many = Array.from({ length: 257 }, (_, i) => `__label__${i}`);
  expect((await refusal(make(['x'], many))).what).toBe('257 labels');
  expect((await refusal(make(['x'], []))).what).toBe('0 labels');
  expect((await refusal(make([], good))).remedy).toContain('-minCount');
  expect((await refusal(make(['x', 'y', 'x'], good))).code).toBe('bad_checkpoint');
  expect((await refusal(make(['x'], ['__label__a', '__label__a']))).code).toBe('bad_checkpoint');
});

test.each([
  ['another file', { magic: 5 }, 'not a model of fastText'],
  ['counts that do not add up', { entries: 5 }, 'sizes'],
  ['a negative count', { words: -1, entries: 2 }, 'sizes'],
  ['labels said to be words', { words: WORDS + 1, labels: 2 }, 'dictionary'],
  ['n-grams without buckets', { bucket: 0 }, 'no buckets'],
  ['another number of buckets', { bucket: BUCKET + 1 }, `expected [${WORDS + BUCKET + 1}, ${DIM}]`],
  ['other vectors', { dim: DIM + 1 }, `expected [${WORDS + BUCKET}, ${DIM + 1}]`],
] as const)('%s: refused as damaged', async (_name, edits, what) => {
  const error = await refusal(write(patched(edits)));
  expect(error.code).toBe('bad_checkpoint');
  expect(error.what).toContain(what);
});

test('a weight that is not finite is refused', async () => {
  const bytes = Buffer.from(MODEL);
  bytes.writeFloatLE(NaN, INPUT + 17 + 4 * 100);
  expect((await refusal(write(bytes))).what).toContain('not finite');
});

test('no such file, a folder, a tokenizer for it', async () => {
  expect((await refusal(join(dir, 'none.bin'))).code).toBe('file_not_found');
  mkdirSync(join(dir, 'folder.bin'));
  expect((await refusal(join(dir, 'folder.bin'))).code).toBe('file_unreadable');
  writeFileSync(join(dir, 'tokenizer.json'), '{}');
  await expect(importModel(write(MODEL), { tokenizer: join(dir, 'tokenizer.json') })).rejects.toMatchObject({
    code: 'usage',
  });
});

test('a file cut anywhere is refused as damaged', async () => {
  const dictionary = Array.from({ length: INPUT + 40 }, (_, n) => n);
  const rest = Array.from({ length: 40 }, (_, i) => MODEL.length - 1 - 11 * i);
  for (const length of [...dictionary.filter((n) => n < 140 || n % 13 === 0 || n > INPUT - 12), ...rest])
    expect((await refusal(write(MODEL.subarray(0, length)))).code).toBe('bad_checkpoint');
});

test('a file with any bytes changed is imported or refused, never a crash', async () => {
  const edit = fc.tuple(fc.nat(INPUT + 32), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
      const bytes = Buffer.from(MODEL);
      for (const [at, value] of edits) bytes[at] = value;
      const error: unknown = await importModel(write(bytes)).catch((e: unknown) => e);
      if (error instanceof Error) expect(error).toBeInstanceOf(LinnetError);
    }),
    { numRuns: 300 },
  );
});

test('an imported graph can be calibrated with random ids, buckets among them', async () => {
  const ids = randomSequences(await importModel(write(MODEL))).flat();
  expect(Math.max(...ids)).toBeGreaterThanOrEqual(WORDS);
  expect(Math.max(...ids)).toBeLessThan(WORDS + BUCKET);
});

/** A model with vectors of one number. */
function fastText(m: {
  wordNgrams: number;
  bucket: number;
  words: readonly string[];
  labels: readonly string[];
}): Buffer {
  const head = Buffer.from(MODEL.subarray(0, AT.dictionary));
  const fields = { dim: 1, wordNgrams: m.wordNgrams, bucket: m.bucket, words: m.words.length, labels: m.labels.length };
  for (const [name, value] of Object.entries(fields)) head.writeInt32LE(value, AT[name as keyof typeof AT]);
  head.writeInt32LE(m.words.length + m.labels.length, AT.entries);
  const entry = (type: number) => (text: string) =>
    Buffer.from([...Buffer.from(text), 0, 1, 0, 0, 0, 0, 0, 0, 0, type]);
  const matrix = (rows: number) => {
    const bytes = Buffer.alloc(17 + 4 * rows);
    bytes.writeBigInt64LE(BigInt(rows), 1);
    bytes.writeBigInt64LE(1n, 9);
    return bytes;
  };
  return Buffer.concat([
    head,
    ...m.words.map(entry(0)),
    ...m.labels.map(entry(1)),
    matrix(m.words.length + m.bucket),
    matrix(m.labels.length),
  ]);
}
