/** Encoding against its definition, decoding, streaming. */
import fc from 'fast-check';
import { Tokenizer } from '../../src/tokenizer/tokenizer';
import type { TokenizerTables } from '../../src/tokenizer/tables';
import { codePointAt, INVALID, sizeOf } from '../../src/tokenizer/unicode';
import { bpeTables, wordLevelTables } from '../conformance/tokenizers';

const bpe = new Tokenizer(bpeTables());
const words = new Tokenizer(wordLevelTables());
const texts = (ids: readonly number[], t = bpe): string[] =>
  ids.map((id) => Buffer.from(t.tokenBytes(id)).toString('latin1'));

/** docs/format.md, word for word: no heap, no cache, no pieces even. */
function naive(tables: TokenizerTables, text: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 0; at < text.length;) {
    const code = codePointAt(text, at);
    const size = code === INVALID ? 1 : sizeOf(code);
    const bytes = Buffer.from(text.subarray(at, at + size));
    const whole = tables.sortedIds.find((id) => bytes.equals(tables.tokens[id]!));
    if (whole !== undefined) ids.push(whole);
    else for (const byte of bytes) ids.push(tables.byteIds[byte]!);
    at += size;
  }
  for (;;) {
    const rules = ids.map((id, i) => tables.merges.find((m) => m.left === id && m.right === ids[i + 1]));
    const lowest = Math.min(...rules.map((rule) => rule?.rank ?? Infinity));
    if (lowest === Infinity) return ids;
    const at = rules.findIndex((rule) => rule?.rank === lowest);
    ids.splice(at, 2, rules[at]!.id);
  }
}

const alphabet = fc.constantFrom(
  'a',
  'a',
  'a',
  ' ',
  ' ',
  't',
  'h',
  'e',
  'r',
  'n',
  'd',
  'é',
  '“',
  'I',
  '.',
  '\n',
  '𝄞',
  '!',
  '東',
  '▁',
  '<s>',
);
const text = fc.array(alphabet, { maxLength: 40 }).map((parts) => new TextEncoder().encode(parts.join('')));

test('BPE merges the pair of lowest rank, leftmost first, whatever bytes come', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      expect(bpe.encode(bytes)).toEqual(naive(bpe.tables, bytes));
    }),
    { numRuns: 3000 },
  );
});

test('BPE gives back every byte it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const ids = bpe.encode(bytes);
      expect(Buffer.concat(ids.map((id) => bpe.tokenBytes(id)))).toEqual(Buffer.from(bytes));
      expect(ids.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 3000 },
  );
});

test('pieces are independent: joining texts at a space joins their ids', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const left = Buffer.concat([a, Buffer.from('x')]);
      const right = Buffer.concat([Buffer.from(' '), b]);
      expect(bpe.encode(Buffer.concat([left, right]))).toEqual([...bpe.encode(left), ...bpe.encode(right)]);
    }),
  );
});

test('a special token or a ▁ in the text is text', () => {
  expect(texts(bpe.encode('<s>'))).toEqual(['<', 's', '>']);
  expect(texts(bpe.encode('▁a'))).toEqual(['\xe2', '\x96', '\x81', 'a']);
});

test('a long text without spaces takes no quadratic time', () => {
  const started = performance.now();
  expect(bpe.encode('aaab'.repeat(100_000)).length).toBeGreaterThan(100_000);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('words: folded, split at spaces and punctuation, unknown ones are unk_id', () => {
  const unk = words.tables.unkId!;
  const known = (word: string): number => words.tables.tokens.findIndex((t) => Buffer.from(t).toString() === word);
  expect(words.encode('The FILM, Über-naÏve!')).toEqual([
    known('the'),
    known('film'),
    known(','),
    known('über'),
    known('-'),
    known('naïve'),
    known('!'),
  ]);
  expect(words.encode('ΕΛΛΆΔΑ ПРИВЕТ 東京\u3000the')).toEqual([
    known('ελλάδα'),
    known('привет'),
    known('東京'),
    known('the'),
  ]);
  expect(words.encode('thefilm <unk> \xff')).toEqual([unk, unk, unk, unk, unk]);
  expect(words.encode(Uint8Array.of(0x74, 0x68, 0x65, 0xff, 0x20, 0x61))).toEqual([unk, known('a')]);
});

test('words: no text gives no ids', () => {
  expect(['', ' ', '\n\t\u00a0\u2003'].map((t) => words.encode(t))).toEqual([[], [], []]);
});

test('words: decoding joins with single spaces and leaves special tokens out', () => {
  expect(words.decode(words.encode('The movie , was  GOOD'))).toBe('the movie , was good');
  expect(words.decode([0, ...words.encode('not bad'), 1, 0])).toBe('not bad');
});

test('streaming gives whole characters only, and the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (string) => {
      const decoder = bpe.decoder();
      const parts = bpe.encode(string).map((id) => decoder.push(id));
      for (const part of parts) expect(/\p{Surrogate}/u.test(part)).toBe(false);
      expect(parts.join('').includes('\ufffd')).toBe(string.includes('\ufffd'));
      expect(parts.join('') + decoder.end()).toBe(string);
    }),
  );
});

test('streaming: a token within a character gives "", the next one the character', () => {
  const ids = bpe.encode('東');
  const decoder = bpe.decoder();
  expect(ids.map((id) => decoder.push(id))).toEqual(['', '', '東']);
  expect(decoder.push(ids[0]!)).toBe('');
  expect(decoder.end()).toBe('\ufffd');
});

test('streaming: after a text, a word starts with a space', () => {
  const decoder = words.decoder(true);
  expect(
    words
      .encode('not bad')
      .map((id) => decoder.push(id))
      .join(''),
  ).toBe(' not bad');
});

test('a byte order mark is text', () => {
  expect(bpe.decode(bpe.encode('\ufeffa'))).toBe('\ufeffa');
});
