/** What tokenizer.json may say, and the one-line refusals of what it may not. */
import { LinnetError } from '../../src/errors';
import { importTokenizer } from '../../src/tokenizer/import';
import { Tokenizer } from '../../src/tokenizer/tokenizer';
import { bpeJson, wordLevelJson } from '../conformance/tokenizers';

type Json = Record<string, unknown>;
type Edit = (json: Json) => void;
const model = (json: Json): Json => json.model as Json;

function refusal(make: () => Json, edit: Edit): { code: string; what: string } {
  const json = make();
  edit(json);
  try {
    importTokenizer(json, 'tokenizer.json');
  } catch (error) {
    if (!(error instanceof LinnetError)) throw error;
    expect(error.where).toBe('tokenizer.json');
    expect(error.remedy).not.toBe('');
    expect(error.message).not.toContain('\n');
    return { code: error.code, what: error.what };
  }
  throw new Error('was accepted');
}

const UNSUPPORTED: [name: string, make: () => Json, edit: Edit, names: string][] = [
  ['another model', bpeJson, (j) => void (model(j).type = 'Unigram'), 'Unigram'],
  ['truncation', bpeJson, (j) => void (j.truncation = { max_length: 5 }), 'truncation'],
  ['a post-processor', bpeJson, (j) => void (j.post_processor = { type: 'TemplateProcessing' }), 'TemplateProcessing'],
  ['another normalizer', bpeJson, (j) => void (j.normalizer = { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, j.normalizer] }), 'Prepend'],
  ['a pre-tokenizer before BPE', bpeJson, (j) => void (j.pre_tokenizer = { type: 'ByteLevel' }), 'ByteLevel'],
  ['another decoder', bpeJson, (j) => void (j.decoder = { type: 'Metaspace' }), 'Metaspace'],
  ['BPE without byte fallback', bpeJson, (j) => void (model(j).byte_fallback = false), 'byte_fallback'],
  ['dropout', bpeJson, (j) => void (model(j).dropout = 0.1), 'dropout'],
  ['ignore_merges', bpeJson, (j) => void (model(j).ignore_merges = true), 'ignore_merges'],
  ['an added token that is not special', bpeJson, (j) => void ((j.added_tokens as Json[])[0]!.special = false), '<s>'],
  ['a missing byte', bpeJson, (j) => rename(j, '<0xFF>', 'zz'), '<0xFF>'],
  ['a space within a token', bpeJson, (j) => rename(j, 'ow', 'o▁w'), 'o▁w'],
  ['a token too long', bpeJson, (j) => rename(j, '<0x41>', 'x'.repeat(256)), '256 bytes'],
  ['a merge of bytes', bpeJson, mergeOfBytes, '<0x00>'],
  ['Lowercase in BPE', bpeJson, (j) => void (j.normalizer = { type: 'Lowercase' }), 'Lowercase'],
  ['another normalizer of words', wordLevelJson, (j) => void (j.normalizer = { type: 'NFKC' }), 'NFKC'],
  ['no pre-tokenizer of words', wordLevelJson, (j) => void (j.pre_tokenizer = null), 'none'],
  ['Whitespace alone', wordLevelJson, (j) => void (j.pre_tokenizer = { type: 'Whitespace' }), 'Whitespace'],
  ['Punctuation kept together', wordLevelJson, (j) => void (((j.pre_tokenizer as Json).pretokenizers as Json[])[1]!.behavior = 'Contiguous'), 'Contiguous'],
  ['a decoder of words', wordLevelJson, (j) => void (j.decoder = { type: 'WordPiece' }), 'WordPiece'],
]; // prettier-ignore

/** Gives a token another name; it has no merge then. */
function rename(json: Json, from: string, to: string): void {
  const vocab = model(json).vocab as Record<string, number>;
  vocab[to] = vocab[from]!;
  delete vocab[from];
  model(json).merges = (model(json).merges as string[][]).filter((pair) => pair.join('') !== from);
}

function mergeOfBytes(json: Json): void {
  const vocab = model(json).vocab as Record<string, number>;
  vocab['<0x00><0x01>'] = Object.keys(vocab).length;
  (model(json).merges as unknown[]).push(['<0x00>', '<0x01>']);
}

test.each(UNSUPPORTED)('%s is refused by name', (_name, make, edit, names) => {
  const { code, what } = refusal(make, edit);
  expect(code).toBe('unsupported_model');
  expect(what).toContain(names);
});

const BROKEN: [name: string, make: () => Json, edit: Edit][] = [
  ['no model', bpeJson, (j) => void delete j.model],
  ['no vocabulary', bpeJson, (j) => void delete model(j).vocab],
  ['a hole in the ids', bpeJson, (j) => void ((model(j).vocab as Json)['ow'] = 5000)],
  ['two tokens of one id', bpeJson, (j) => void ((model(j).vocab as Json)['ow'] = 5)],
  ['an id that is no number', bpeJson, (j) => void ((model(j).vocab as Json)['ow'] = '5')],
  ['an added token of another id', bpeJson, (j) => void ((j.added_tokens as Json[])[0]!.id = 7)],
  ['no merges', bpeJson, (j) => void delete model(j).merges],
  ['a merge of three', bpeJson, (j) => void (model(j).merges as unknown[]).push(['a', 'b', 'c'])],
  ['a merge of unknown tokens', bpeJson, (j) => void (model(j).merges as unknown[]).push('q zz')],
  ['a merge into an unknown token', bpeJson, (j) => void (model(j).merges as unknown[]).push('q q')],
  ['a merge that is there twice', bpeJson, (j) => void (model(j).merges as unknown[]).push(['h', 'e'])],
  ['a space in a token where ▁ stands for it', bpeJson, (j) => rename(j, 'ow', 'o w')],
  ['words without unk_token', wordLevelJson, (j) => void delete model(j).unk_token],
  ['a sequence without its list', wordLevelJson, (j) => void delete (j.pre_tokenizer as Json).pretokenizers],
  ['a normalizer without type', wordLevelJson, (j) => void (j.normalizer = {})],
];

test.each(BROKEN)('%s is refused as malformed', (_name, make, edit) => {
  expect(refusal(make, edit).code).toBe('bad_checkpoint');
});

test.each([null, 5, 'x', [], {}])('%j is no tokenizer', (json) => {
  expect(() => importTokenizer(json, 'x')).toThrow(expect.objectContaining({ code: 'bad_checkpoint' }));
});

test('merges may be pairs or strings', () => {
  const strings = bpeJson();
  model(strings).merges = (model(strings).merges as string[][]).map((pair) => pair.join(' '));
  expect(importTokenizer(strings, 'a')).toEqual(importTokenizer(bpeJson(), 'b'));
});

test('a BPE without ▁ has plain spaces', () => {
  const json = bpeJson();
  json.normalizer = null;
  json.decoder = { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] };
  const vocab = model(json).vocab as Record<string, number>;
  model(json).vocab = Object.fromEntries(Object.entries(vocab).map(([name, id]) => [name.replaceAll('▁', ' '), id]));
  model(json).merges = (model(json).merges as string[][]).map((pair) => pair.map((p) => p.replaceAll('▁', ' ')));
  const text = 'the other  hand';
  expect(new Tokenizer(importTokenizer(json, 'a')).encode(text)).toEqual(
    new Tokenizer(importTokenizer(bpeJson(), 'b')).encode(text),
  );
});

test('BertPreTokenizer, and Whitespace before Punctuation, are what WhitespaceSplit and Punctuation are', () => {
  const base = importTokenizer(wordLevelJson(), 'x');
  for (const preTokenizer of [
    { type: 'BertPreTokenizer' },
    { type: 'Sequence', pretokenizers: [{ type: 'Whitespace' }, { type: 'Punctuation', behavior: 'Isolated' }] },
  ])
    expect(importTokenizer({ ...wordLevelJson(), pre_tokenizer: preTokenizer }, 'x')).toEqual(base);
  const split = importTokenizer(
    { ...wordLevelJson(), pre_tokenizer: { type: 'WhitespaceSplit' }, normalizer: null },
    'x',
  );
  expect(split).toEqual({ ...base, splitPunctuation: false, lowercase: false });
});
