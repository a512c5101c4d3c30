/** One id a word, and those of word n-grams (docs/format.md, Tokenizer). */
import type { TokenizerTables } from './tables.js';
import { codePointAt, foldCase, isAsciiSpace, isPunctuation, isSpace, sizeOf } from './unicode.js';
import { WordNgrams } from './word-ngrams.js';

const EOS = new TextEncoder().encode('</s>');
const LINE_FEED = 0x0a;

export class WordEncoder {
  /** A word's bytes, one character each → id. */
  private readonly ids: ReadonlyMap<string, number>;

  constructor(private readonly tables: TokenizerTables) {
    this.ids = new Map(tables.sortedIds.map((id) => [key(tables.tokens[id]!), id]));
  }

  encode(text: Uint8Array): number[] {
    const { lowercase, splitPunctuation, appendEos, asciiSpaces, lineFeed, unkId, tokens } = this.tables;
    const parts = asciiSpaces ? isAsciiSpace : isSpace;
    const bytes = lowercase ? foldedCopy(text) : text;
    const out: number[] = [];
    const ngrams = new WordNgrams(this.tables.wordNgrams, this.tables.bucketCount);
    const add = (word: Uint8Array): void => {
      const id = this.ids.get(key(word)) ?? unkId;
      if (id !== undefined) out.push(id);
      for (const bucket of ngrams.push(word)) out.push(tokens.length + bucket);
    };
    const word = (start: number, end: number): void => {
      if (end > start) add(bytes.subarray(start, end));
    };
    let start = 0;
    for (let at = 0; at < bytes.length;) {
      const code = codePointAt(bytes, at);
      const end = at + sizeOf(code);
      const mark = (splitPunctuation && isPunctuation(code)) || (lineFeed && code === LINE_FEED);
      if (mark || parts(code)) {
        word(start, at);
        if (mark) word(at, end);
        start = end;
      }
      at = end;
    }
    word(start, bytes.length);
    if (appendEos) add(EOS);
    return out;
  }
}

function key(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** A folded copy; folding changes no sizes, and only characters of one or two bytes. */
function foldedCopy(text: Uint8Array): Uint8Array {
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
