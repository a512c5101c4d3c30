/** Byte-fallback BPE over the image's tables (docs/format.md, Tokenizer). */
import { MergeHeap } from './merge-heap.js';
import type { MergeRule, TokenizerTables } from './tables.js';
import { codePointAt, INVALID, sizeOf } from './unicode.js';

const SPACE = 0x20;
/** Words repeat: pieces up to this many bytes are remembered, so many of them at most. */
const CACHED_BYTES = 32;
const CACHED_PIECES = 20_000;

export class BpeEncoder {
  /** Code point → one-character token. */
  private readonly characters = new Map<number, number>();
  /** left · 65536 + right → rule. */
  private readonly merges = new Map<number, MergeRule>();
  private readonly cache = new Map<string, readonly number[]>();

  constructor(private readonly tables: TokenizerTables) {
    for (const id of tables.sortedIds) {
      const bytes = tables.tokens[id]!;
      const code = codePointAt(bytes, 0);
      if (code !== INVALID && sizeOf(code) === bytes.length) this.characters.set(code, id);
    }
    for (const rule of tables.merges) this.merges.set(rule.left * 65536 + rule.right, rule);
  }

  encode(text: Uint8Array): number[] {
    const ids: number[] = [];
    let start = 0;
    for (let at = 1; at <= text.length; at++) {
      const ends = at === text.length || (text[at] === SPACE && text[at - 1] !== SPACE);
      if (!ends) continue;
      for (const id of this.piece(text.subarray(start, at))) ids.push(id);
      start = at;
    }
    return ids;
  }

  private piece(bytes: Uint8Array): readonly number[] {
    if (bytes.length > CACHED_BYTES) return this.merge(this.symbols(bytes));
    const key = String.fromCharCode(...bytes);
    let ids = this.cache.get(key);
    if (ids === undefined) {
      ids = this.merge(this.symbols(bytes));
      if (this.cache.size >= CACHED_PIECES) this.cache.clear();
      this.cache.set(key, ids);
    }
    return ids;
  }

  private symbols(bytes: Uint8Array): number[] {
    const ids: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const code = codePointAt(bytes, at);
      const size = sizeOf(code);
      const whole = this.characters.get(code);
      if (whole !== undefined) ids.push(whole);
      else for (let i = 0; i < size; i++) ids.push(this.tables.byteIds[bytes[at + i]!]!);
      at += size;
    }
    return ids;
  }

  /** Merges the pair of lowest rank, leftmost first, until there is none. */
  private merge(ids: number[]): number[] {
    const count = ids.length;
    const next = Int32Array.from({ length: count }, (_, i) => i + 1);
    const before = Int32Array.from({ length: count }, (_, i) => i - 1);
    const heap = new MergeHeap();
    const ruleAt = (at: number): MergeRule | undefined =>
      next[at]! < count ? this.merges.get(ids[at]! * 65536 + ids[next[at]!]!) : undefined;
    const offer = (at: number): void => {
      const rule = ruleAt(at);
      if (rule !== undefined) heap.push(rule.rank, at);
    };
    for (let at = 0; at + 1 < count; at++) offer(at);
    const GONE = -1;
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
      const { rank, at } = top;
      if (ids[at] === GONE) continue;
      const rule = ruleAt(at);
      // What was offered here may have been merged into something else since.
      if (rule?.rank !== rank) continue;
      const right = next[at]!;
      ids[at] = rule.id;
      ids[right] = GONE;
      next[at] = next[right]!;
      if (next[at]! < count) before[next[at]!] = at;
      offer(at);
      if (before[at]! >= 0) offer(before[at]!);
    }
    return ids.filter((id) => id !== GONE);
  }
}
