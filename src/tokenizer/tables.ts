/** A tokenizer as the image stores it: everything both tokenizers, TypeScript and C++, work from. */

export interface MergeRule {
  readonly left: number;
  readonly right: number;
  /** 0 merges first. */
  readonly rank: number;
  readonly id: number;
}

export interface HashedNgrams {
  /** Words in the longest n-gram that has an id, by its hash; 1: none has. */
  readonly wordNgrams: number;
  /** What the hashes fall into; the ids of the buckets follow those of the tokens. 0 if wordNgrams is 1. */
  readonly bucketCount: number;
}

export interface TokenizerTables extends HashedNgrams {
  readonly kind: 'bpe' | 'word_level';
  readonly lowercase: boolean;
  readonly splitPunctuation: boolean;
  /** Decoding puts a space before every token but the first. */
  readonly joinWithSpace: boolean;
  /** Every text ends with the word `</s>` (word level only). */
  readonly appendEos: boolean;
  /** Only NUL and the spaces of ASCII part words, as in fastText (word level only). */
  readonly asciiSpaces: boolean;
  /** A line feed is a word (word level only). */
  readonly lineFeed: boolean;
  /** Id of what has no other; without one, what has no other has no id (word level only). */
  readonly unkId?: number;
  /** The text each id stands for, UTF-8 bytes, spaces as spaces; special tokens are empty. */
  readonly tokens: readonly Uint8Array[];
  /** Ids that text can match, by ascending bytes. */
  readonly sortedIds: readonly number[];
  /** By ascending (left, right). */
  readonly merges: readonly MergeRule[];
  /** 256 ids, or undefined where a character token covers the byte (BPE only). */
  readonly byteIds: readonly (number | undefined)[];
}

/** How many ids there are: rows of the embedding. */
export function vocabSizeOf(tables: TokenizerTables): number {
  return tables.tokens.length + tables.bucketCount;
}
