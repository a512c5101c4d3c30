/** The tables of docs/format.md against JavaScript's Unicode. */
import fc from 'fast-check';
import { codePointAt, foldCase, INVALID, isPunctuation, isSpace, sizeOf } from '../../src/tokenizer/unicode';

const all = (test: (c: number, text: string) => boolean): number[] =>
  Array.from({ length: 0x110000 }, (_, c) => c).filter(
    (c) => !(c >= 0xd800 && c < 0xe000) && test(c, String.fromCodePoint(c)),
  );

test('spaces are exactly those of Unicode’s White_Space', () => {
  expect(all((c, s) => isSpace(c) !== /\p{White_Space}/u.test(s))).toEqual([]);
});

test('punctuation marks are ASCII punctuation or of category P, but for the documented signs', () => {
  const marks = all((c) => isPunctuation(c));
  expect(marks.filter((c) => c < 0x80)).toEqual(all((c, s) => c < 0x80 && /[!-/:-@[-`{-~]/.test(s)));
  // Fraction slash and commercial minus sign are category Sm, but lie between marks.
  expect(marks.filter((c) => c >= 0x80 && !/\p{P}/u.test(String.fromCodePoint(c)))).toEqual([0x2044, 0x2052]);
});

test('folding is lower case in every script it covers, and touches nothing else', () => {
  const differs = all((c, s) => foldCase(c) !== c && String.fromCodePoint(foldCase(c)) !== s.toLowerCase());
  expect(differs).toEqual([]);
  const covered = (c: number): boolean =>
    c < 0x180 ||
    (c >= 0x386 && c < 0x3ac) ||
    (c >= 0x400 && c < 0x482) ||
    (c >= 0x48a && c < 0x4c0) ||
    (c >= 0x4d0 && c < 0x530);
  const missed = all((c, s) => covered(c) && foldCase(c) === c && s.toLowerCase() !== s);
  expect(missed).toEqual([0x130]); // İ becomes two characters
});

test('folding keeps the number of bytes', () => {
  expect(all((c) => sizeOf(foldCase(c)) !== sizeOf(c))).toEqual([]);
});

test('characters are cut as the platform’s UTF-8 decoder cuts them', () => {
  const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const isCharacter = (bytes: Uint8Array): boolean => {
    try {
      return [...fatal.decode(bytes)].length === 1;
    } catch {
      return false;
    }
  };
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 5 });
  const nearCharacter = fc
    .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.nat({ max: 3 }), fc.nat({ max: 255 }))
    .map(([s, at, value]) => {
      const encoded = new TextEncoder().encode(s);
      encoded[at % encoded.length] = value;
      return encoded;
    });
  fc.assert(
    fc.property(fc.oneof(bytes, nearCharacter), (text) => {
      const code = codePointAt(text, 0);
      const sizes = [1, 2, 3, 4].filter((n) => n <= text.length && isCharacter(text.subarray(0, n)));
      if (code === INVALID) return sizes.length === 0;
      return (
        sizes[0] === sizeOf(code) &&
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(text.subarray(0, sizes[0])).codePointAt(0) === code
      );
    }),
    { numRuns: 20_000 },
  );
});
