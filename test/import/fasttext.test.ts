/** `fasttext` checkpoints with word n-grams: a model of fastText as a folder gives what its .bin gives. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinnetError } from '../../src/errors.js';
import { FloatModel } from '../../src/graph/float-model.js';
import type { EmbeddingNode, Graph, LinearNode } from '../../src/graph/graph.js';
import { importCheckpoint } from '../../src/import/checkpoint.js';
import { importFastTextBin } from '../../src/import/fasttext-bin.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { bpeJson } from '../conformance/tokenizers';
import { f32, writeSafetensors } from './write-safetensors.js';

let bin: Graph;
let dir: string;
beforeAll(async () => (bin = await importFastTextBin(join(__dirname, '../golden/fasttext-bin/model.bin'))));
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'linnet-fasttext-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(dir, name), 'utf8')) as Record<string, unknown>;
const write = (name: string, value: unknown): void => writeFileSync(join(dir, name), JSON.stringify(value));

/** The model of the .bin, its configuration changed. */
function folder(config: object = {}): string {
  const table = (bin.nodes[0] as EmbeddingNode).table;
  const { weight } = bin.nodes[2] as LinearNode;
  const { tokens, bucketCount, wordNgrams } = bin.tokenizer;
  const [vocab_size, embedding_size] = table.shape as [number, number];
  const model = { model_type: 'fasttext', vocab_size, embedding_size, word_ngrams: wordNgrams, bucket: bucketCount };
  write('config.json', { ...model, labels: bin.labels, max_length: 400, fc_bias: false, ...config });
  const tensors = {
    'embedding.weight': f32(table.shape, [...table.data]),
    'fc.weight': f32(weight.shape, [...weight.data]),
  };
  writeFileSync(join(dir, 'model.safetensors'), writeSafetensors(tensors));
  write('tokenizer.json', {
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(tokens.map((text, id) => [Buffer.from(text).toString(), id])),
      unk_token: null,
    },
  });
  return dir;
}

async function refusal(path: string): Promise<LinnetError> {
  const error: unknown = await importCheckpoint(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LinnetError);
  return error as LinnetError;
}

test('the same ids, </s> aside, and the same logits as the model of fastText it is a copy of', async () => {
  const graph = await importCheckpoint(folder());
  expect(graph.tokenizer.unkId).toBeUndefined();
  for (const text of ['the unknown cat is red .', 'où est naïve ?', 'unknown words only']) {
    const ids = new Tokenizer(graph.tokenizer).encode(`${text} </s>`);
    expect(ids).toEqual(new Tokenizer(bin.tokenizer).encode(text));
    expect(await new FloatModel(graph).logits(ids)).toEqual(await new FloatModel(bin).logits(ids));
  }
});

test('without word_ngrams there are no buckets', async () => {
  const { vocab_size } = { vocab_size: bin.tokenizer.tokens.length };
  folder({ word_ngrams: undefined, bucket: undefined, vocab_size });
  const tensors = {
    'embedding.weight': f32([vocab_size, 8], new Array(vocab_size * 8).fill(0.5)),
    'fc.weight': f32([3, 8], new Array(24).fill(0.25)),
  };
  writeFileSync(join(dir, 'model.safetensors'), writeSafetensors(tensors));
  expect((await importCheckpoint(dir)).tokenizer).toMatchObject({ wordNgrams: 1, bucketCount: 0 });
});

test.each([
  [{ word_ngrams: 0 }, 'bad_checkpoint', /"word_ngrams" is 0/],
  [{ word_ngrams: 6 }, 'unsupported_model', /"word_ngrams" is 6 .*5/],
  [{ bucket: undefined }, 'bad_checkpoint', /"bucket" is missing/],
  [{ bucket: 0 }, 'bad_checkpoint', /"bucket" is 0/],
  [{ bucket: 100_000 }, 'unsupported_model', /"bucket" is 100000 .*65534/],
  [{ bucket: 259 }, 'bad_checkpoint', /27 tokens and there are 259 buckets, the embedding 287 rows.*"vocab_size" is tokens and buckets/],
  [{ word_ngrams: 1 }, 'bad_checkpoint', /27 tokens, the embedding 287 rows/],
  [{ vocab_size: 27 }, 'bad_checkpoint', /shape is \[287, 8\], expected \[27, 8\]/],
] as const)('%j is refused', async (config, code, message) => {
  const error = await refusal(folder(config));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
}); // prettier-ignore

test('n-grams of BPE tokens are refused by name', async () => {
  folder();
  write('tokenizer.json', bpeJson());
  expect(await refusal(dir)).toMatchObject({ code: 'unsupported_model', what: 'n-grams of BPE tokens' });
});

test('"unk_token": null means "<unk>" where there is one, as in Hugging Face', async () => {
  folder();
  const tokenizer = json('tokenizer.json') as { model: { vocab: Record<string, number> } };
  delete tokenizer.model.vocab['là'];
  const free = [...bin.tokenizer.tokens.keys()].find((id) => !Object.values(tokenizer.model.vocab).includes(id))!;
  tokenizer.model.vocab['<unk>'] = free;
  write('tokenizer.json', tokenizer);
  expect((await importCheckpoint(dir)).tokenizer.unkId).toBe(free);
});
