/** The little of Unicode the tokenizers need; docs/format.md, Tokenizer, pins every range. */

/** "No well-formed character starts here". */
export const INVALID = -1;

/** Code point of the UTF-8 character at bytes[at], or INVALID: the byte there stands alone. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return INVALID;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > bytes.length) return INVALID;
  let code = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i]!;
    if ((next & 0xc0) !== 0x80) return INVALID;
    code = (code << 6) | (next & 0x3f);
  }
  // Shortest form, no surrogates, nothing past U+10FFFF.
  return code < (size === 2 ? 0x80 : size === 3 ? 0x800 : 0x10000) ||
    (code >= 0xd800 && code < 0xe000) ||
    code > 0x10ffff
    ? INVALID
    : code;
}

/** Bytes of a character; an INVALID unit has one. */
export function sizeOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

export function isSpace(c: number): boolean {
  return (
    (c >= 0x09 && c <= 0x0d) ||
    c === 0x20 ||
    c === 0x85 ||
    c === 0xa0 ||
    c === 0x1680 ||
    (c >= 0x2000 && c <= 0x200a) ||
    c === 0x2028 ||
    c === 0x2029 ||
    c === 0x202f ||
    c === 0x205f ||
    c === 0x3000
  );
}

/** NUL among them. */
export function isAsciiSpace(c: number): boolean {
  return c === 0 || c === 0x20 || (c >= 0x09 && c <= 0x0d);
}

export function isPunctuation(c: number): boolean {
  if (c < 0x80)
    return (c >= 0x21 && c <= 0x2f) || (c >= 0x3a && c <= 0x40) || (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
  if (c < 0x100) return c === 0xa1 || c === 0xa7 || c === 0xab || c === 0xb6 || c === 0xb7 || c === 0xbb || c === 0xbf;
  return (
    (c >= 0x2010 && c <= 0x2027) ||
    (c >= 0x2030 && c <= 0x205e) ||
    (c >= 0x3001 && c <= 0x3003) ||
    (c >= 0x3008 && c <= 0x3011)
  );
}

/** Lower case of a code point; UTF-8 sizes never change. */
export function foldCase(c: number): number {
  const within = (low: number, high: number): boolean => c >= low && c <= high;
  const even = c % 2 === 0;
  if (within(0x41, 0x5a)) return c + 32;
  if (c < 0xc0) return c;
  if (within(0xc0, 0xde)) return c === 0xd7 ? c : c + 32;
  if (within(0x100, 0x136) || within(0x14a, 0x176)) return even && c !== 0x130 ? c + 1 : c;
  if (within(0x139, 0x147) || within(0x179, 0x17d)) return even ? c : c + 1;
  if (c === 0x178) return 0xff;
  if (c === 0x386) return 0x3ac;
  if (within(0x388, 0x38a)) return c + 37;
  if (c === 0x38c) return 0x3cc;
  if (within(0x38e, 0x38f)) return c + 63;
  if (within(0x391, 0x3ab)) return c === 0x3a2 ? c : c + 32;
  if (within(0x400, 0x40f)) return c + 80;
  if (within(0x410, 0x42f)) return c + 32;
  if (within(0x460, 0x480) || within(0x48a, 0x4be) || within(0x4d0, 0x52e)) return even ? c + 1 : c;
  return c;
}
