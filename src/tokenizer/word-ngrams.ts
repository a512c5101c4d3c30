/** Word n-grams hashed into buckets as the fastText project does (docs/format.md, Tokenizer). */

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const MULTIPLIER = 116049371n;

export class WordNgrams {
  /** Hashes of the last words of this text, the newest last; as many as the longest n-gram has. */
  private recent: bigint[] = [];

  /**
   * @param longest words in the longest n-gram; 1: there are none
   * @param buckets at least 1 if there are any
   */
  constructor(
    private readonly longest: number,
    private readonly buckets: number,
  ) {}

  /** Takes the next word of the text. Gives the buckets of the n-grams that end with it, the shortest first. */
  push(word: Uint8Array): number[] {
    if (this.longest === 1) return [];
    this.recent = [...this.recent, BigInt(wordHash(word))].slice(-this.longest);
    const found: number[] = [];
    for (let words = 2; words <= this.recent.length; words++)
      found.push(Number(ngramHash(this.recent.slice(-words)) % BigInt(this.buckets)));
    return found;
  }
}

/** FNV-1a of the bytes taken as signed, which published fastText models rely on; int32. */
function wordHash(word: Uint8Array): number {
  let hash = FNV_OFFSET_BASIS;
  for (const byte of word) hash = Math.imul(hash ^ ((byte << 24) >> 24), FNV_PRIME);
  return hash | 0;
}

/** uint64. */
function ngramHash(words: readonly bigint[]): bigint {
  return words.reduce((hash, word) => BigInt.asUintN(64, hash * MULTIPLIER + word));
}
