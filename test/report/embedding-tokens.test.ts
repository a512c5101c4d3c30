/** Which tokens go on the map. */
import type { TokenizerTables } from '../../src/tokenizer/tables.js';
import { chooseTokens, MOST_POINTS, visible } from '../../src/report/embedding-tokens.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function tables(tokens: readonly Uint8Array[], more: Partial<TokenizerTables> = {}): TokenizerTables {
  return {
    kind: 'word_level',
    ...{ lowercase: false, splitPunctuation: false, joinWithSpace: false, sortedIds: [], merges: [], byteIds: [] },
    ...{ appendEos: false, asciiSpaces: false, lineFeed: false, wordNgrams: 1, bucketCount: 0 },
    tokens,
    ...more,
  };
}

test('the most frequent come first, then the others in order of their ids', () => {
  const { ids, texts, seen } = chooseTokens(tables(['a', 'b', 'c', 'd'].map(bytes)), [[2, 2, 1], Uint16Array.of(2)], 4);
  expect(ids).toEqual([2, 1, 0, 3]);
  expect(texts).toEqual(['c', 'b', 'a', 'd']);
  expect(seen).toBe(2);
});

test('special tokens, parts of characters and rows without a token are left out', () => {
  const tokens = [bytes(''), bytes('<unk>'), Uint8Array.of(0xc3), bytes('é'), bytes('x'), Uint8Array.of(0xff, 0x41)];
  const special = tables(tokens, { unkId: 1, byteIds: [4] });
  expect(chooseTokens(special, [], 100).texts).toEqual(['é']);
  expect(chooseTokens(tables(['a', 'b', 'c'].map(bytes)), [], 2).texts).toEqual(['a', 'b']);
});

test('a map has a limited number of points', () => {
  const tokens = Array.from({ length: MOST_POINTS + 50 }, (_, i) => bytes(`t${i}`));
  expect(chooseTokens(tables(tokens), [], tokens.length).ids).toHaveLength(MOST_POINTS);
});

test('spaces and characters that show nothing are made visible', () => {
  expect(visible(' the\n\t')).toBe('␣the⏎⇥');
  expect(visible('\u0000a\u200b\u00a0')).toBe('U+0000aU+200BU+00A0');
});
