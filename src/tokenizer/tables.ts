/** A tokenizer as the image stores it: everything both tokenizers, TypeScript and C++, work from. */

export interface MergeRule {
  readonly left: number;
  readonly right: number;
  /** 0 merges first. */
  readonly rank: number;
  readonly id: number;
}

export interface TokenizerTables {
  readonly kind: 'bpe' | 'word_level';
  readonly lowercase: boolean;
  readonly splitPunctuation: boolean;
  /** Decoding puts a space before every token but the first. */
  readonly joinWithSpace: boolean;
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
