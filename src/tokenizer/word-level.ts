/** One id a word (docs/format.md, Tokenizer). */
import type { TokenizerTables } from './tables.js';
import { codePointAt, foldCase, isPunctuation, isSpace, sizeOf } from './unicode.js';

export class WordEncoder {
  /** A word's bytes, one character each → id. */
  private readonly ids: ReadonlyMap<string, number>;

  constructor(private readonly tables: TokenizerTables) {
    this.ids = new Map(tables.sortedIds.map((id) => [key(tables.tokens[id]!), id]));
  }

  encode(text: Uint8Array): number[] {
    const bytes = this.tables.lowercase ? lowercase(text) : text;
    const out: number[] = [];
    const word = (start: number, end: number): void => {
      if (end > start) out.push(this.ids.get(key(bytes.subarray(start, end))) ?? this.tables.unkId!);
    };
    let start = 0;
    for (let at = 0; at < bytes.length;) {
      const code = codePointAt(bytes, at);
      const end = at + sizeOf(code);
      const mark = this.tables.splitPunctuation && isPunctuation(code);
      if (mark || isSpace(code)) {
        word(start, at);
        if (mark) word(at, end);
        start = end;
      }
      at = end;
    }
    word(start, bytes.length);
    return out;
  }
}

function key(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** A folded copy; folding changes no sizes, and only characters of one or two bytes. */
function lowercase(text: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(text);
  for (let at = 0; at < bytes.length;) {
    const code = codePointAt(bytes, at);
    const size = sizeOf(code);
    const folded = foldCase(code);
    if (folded !== code) {
      if (size === 1) bytes[at] = folded;
      else {
        bytes[at] = 0xc0 | (folded >> 6);
        bytes[at + 1] = 0x80 | (folded & 0x3f);
      }
    }
    at += size;
  }
  return bytes;
}
