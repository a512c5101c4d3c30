/** The same ids as the independent @huggingface/tokenizers, on real text and on random Unicode. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { importTokenizer } from '../../src/tokenizer/import';
import { Tokenizer } from '../../src/tokenizer/tokenizer';
import { bpeJson, wordLevelJson } from '../conformance/tokenizers';

type Peers = typeof import('@huggingface/tokenizers', { with: { 'resolution-mode': 'import' } });
const { Tokenizer: Peer } = jest.requireActual<Peers>('@huggingface/tokenizers');

const ROOT = join(__dirname, '../..');
const DATA = process.env['LINNET_DATA'] ?? join(ROOT, '../shared/data');

interface Pair {
  readonly ours: Tokenizer;
  readonly peer: (text: string) => number[];
  readonly peerText: (ids: number[]) => string;
}

/**
 * The package keeps runs of marks together where the Rust library's Punctuation (Isolated) does not; of its
 * pre-tokenizers, BertPreTokenizer parts spaces and marks as that does.
 */
function pair(json: unknown): Pair {
  const { model } = json as { model: { type: string } };
  const forPeer = model.type === 'BPE' ? json : { ...(json as object), pre_tokenizer: { type: 'BertPreTokenizer' } };
  const peer = new Peer(forPeer as object, { unk_token: '<unk>' });
  return {
    ours: new Tokenizer(importTokenizer(json, 'tokenizer.json')),
    peer: (text) => peer.encode(text, { add_special_tokens: false }).ids,
    peerText: (ids) => peer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

const file = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const MODELS = { bpe: 'models/gutenberg-lm/tokenizer.json', words: 'models/sst2-textcnn/tokenizer.json' };

test('gutenberg-lm: held-out prose gives the same ids, and comes back from them', () => {
  const { ours, peer, peerText } = pair(file(MODELS.bpe));
  const text = readFileSync(join(ROOT, 'models/gutenberg-lm/heldout.txt'), 'utf8');
  let tokens = 0;
  for (let at = 0; at < text.length; at += 4000) {
    const part = text.slice(at, at + 4000);
    const ids = ours.encode(part);
    expect(ids).toEqual(peer(part));
    expect(ours.decode(ids)).toBe(part);
    if (at === 0) expect(peerText(ids)).toBe(part);
    tokens += ids.length;
  }
  expect(tokens).toBeGreaterThan(50_000);
});

const path = join(DATA, 'sentences/stsa.binary.test.gz');
const onCorpus = existsSync(path) ? test : test.skip;
onCorpus(`sst2-textcnn: every test sentence gives the same ids (needs ${path}; set LINNET_DATA)`, () => {
  const { ours, peer } = pair(file(MODELS.words));
  const sentences = gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.slice(2));
  expect(sentences.length).toBe(1821);
  for (const sentence of sentences) {
    expect(ours.encode(sentence)).toEqual(peer(sentence));
    // As people write: capitals, no spaces around punctuation.
    const written = sentence.replace(/ ([.,!?;:'])/g, '$1').replace(/\b[a-z]/g, (c) => c.toUpperCase());
    expect(ours.encode(written)).toEqual(peer(written));
  }
});

/** Random text without what differs on purpose (docs/format.md): ▁, special and byte tokens written out. */
const prose = fc
  .array(
    fc.constantFrom('the', ' ', '  ', '\n', 'and', 'aa', 'ing', 'é', 'née', '“', '…', '東京', '🙂', '𝄞', '.', ',', 'x'),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const unicode = fc.string({ unit: 'binary', maxLength: 80 }).map((s) => s.replace(/[▁<]/g, ''));

test.each([
  ['gutenberg-lm', () => file(MODELS.bpe)],
  ['the test BPE', bpeJson],
])('%s: random text gives the same ids', (_name, json) => {
  const { ours, peer } = pair(json());
  fc.assert(
    fc.property(fc.oneof(prose, unicode), (text) => expect(ours.encode(text)).toEqual(peer(text))),
    { numRuns: 2000 },
  );
});

/** Letters whose case folding is in the tables, spaces, and marks that both count as punctuation. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'the',
        'The',
        'FILM',
        ' ',
        '\t',
        '\u00a0',
        '\u2003',
        '\u3000',
        '.',
        ',',
        '!',
        '“',
        '”',
        '—',
        '…',
        '¿',
        '、',
        "n't",
      ),
      fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCodePoint(c)),
      fc
        .integer({ min: 0xc0, max: 0x17e })
        .filter((c) => c !== 0x130)
        .map((c) => String.fromCodePoint(c)),
      fc
        .integer({ min: 0x391, max: 0x3a9 })
        .filter((c) => c !== 0x3a2 && c !== 0x3a3)
        .map((c) => String.fromCodePoint(c)),
      fc.integer({ min: 0x400, max: 0x44f }).map((c) => String.fromCodePoint(c)),
    ),
    { maxLength: 50 },
  )
  .map((parts) => parts.join('').replaceAll('<', ''));

test.each([
  ['sst2-textcnn', () => file(MODELS.words)],
  ['the test words', wordLevelJson],
])('%s: random words give the same ids', (_name, json) => {
  const { ours, peer } = pair(json());
  fc.assert(
    fc.property(words, (text) => expect(ours.encode(text)).toEqual(peer(text))),
    { numRuns: 2000 },
  );
});

test('line feeds that are words: the same ids, of text and of random lines', () => {
  const json = {
    ...(wordLevelJson() as { model: object }),
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { String: '\n' }, behavior: 'Isolated', invert: false },
        { type: 'Split', pattern: { Regex: '[^\\S\\n]+' }, behavior: 'Removed', invert: false },
      ],
    },
    normalizer: null,
    added_tokens: [],
    model: { type: 'WordLevel', vocab: { '<unk>': 0, the: 1, '\n': 2, N: 3 }, unk_token: '<unk>' },
  };
  const ours = new Tokenizer(importTokenizer(json, 'tokenizer.json'));
  const peer = new Peer(json as object, { unk_token: '<unk>' });
  expect(ours.encode(' the N\n\n the cat \n')).toEqual([1, 3, 2, 2, 1, 0, 2]);
  expect(ours.decode([1, 3, 2, 1])).toBe('the N \n the');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('the', 'N', 'cat', ' ', ' ', '\t', '\n', '\u00a0')), (parts) => {
      const text = parts.join('');
      expect(ours.encode(text)).toEqual(peer.encode(text, { add_special_tokens: false }).ids);
    }),
  );
});
