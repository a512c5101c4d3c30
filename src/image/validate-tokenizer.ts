/** docs/format.md, "What a reader checks", 8: the tokenizer's tables. */
import { LIMITS, Merge, NONE, TokenizerFlag, TokenizerHeader, TokenizerKind } from '../schema/image.js';
import { compareBytes } from '../tokenizer/bytes.js';
import type { MergeRule, TokenizerTables } from '../tokenizer/tables.js';
import type { Fail } from './fault.js';
import { optional } from './ops.js';
import type { HeaderValues } from './validate-header.js';

const SPACE = 0x20;
const WORD_LEVEL_FLAGS =
  TokenizerFlag.lowercase |
  TokenizerFlag.split_punctuation |
  TokenizerFlag.join_with_space |
  TokenizerFlag.append_eos |
  TokenizerFlag.ascii_spaces |
  TokenizerFlag.line_feed;

export function validateTokenizer(
  bytes: Uint8Array,
  view: DataView,
  header: HeaderValues,
  fail: Fail,
): TokenizerTables {
  return new TokenizerCheck(bytes, view, header, fail).run();
}

class TokenizerCheck {
  private readonly base: number;
  private readonly size: number;
  private readonly h: ReturnType<typeof TokenizerHeader.read>;
  private readonly bpe: boolean;
  private tokens: Uint8Array[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly view: DataView,
    private readonly header: HeaderValues,
    private readonly fail: Fail,
  ) {
    this.base = header.tokenizer.offset;
    this.size = header.tokenizer.size;
    if (this.size < TokenizerHeader.size) this.refuse(0, 'it is shorter than its header');
    this.h = TokenizerHeader.read(view, this.base);
    this.bpe = this.h.kind === TokenizerKind.bpe;
  }

  run(): TokenizerTables {
    this.validateFields();
    this.readTokens();
    const sortedIds = this.readSorted();
    const byteIds = this.bpe ? this.readByteIds(sortedIds) : [];
    const merges = this.bpe ? this.readMerges() : [];
    return {
      kind: TokenizerKind.nameOf(this.h.kind)!,
      lowercase: (this.h.flags & TokenizerFlag.lowercase) !== 0,
      splitPunctuation: (this.h.flags & TokenizerFlag.split_punctuation) !== 0,
      joinWithSpace: (this.h.flags & TokenizerFlag.join_with_space) !== 0,
      appendEos: (this.h.flags & TokenizerFlag.append_eos) !== 0,
      asciiSpaces: (this.h.flags & TokenizerFlag.ascii_spaces) !== 0,
      lineFeed: (this.h.flags & TokenizerFlag.line_feed) !== 0,
      wordNgrams: this.h.word_ngrams,
      bucketCount: this.h.bucket_count,
      ...(this.h.unk_id === NONE ? {} : { unkId: this.h.unk_id }),
      tokens: this.tokens,
      sortedIds,
      merges,
      byteIds,
    };
  }

  private validateFields(): void {
    const { h } = this;
    const check = (field: keyof typeof h & string, ok: boolean): void => {
      if (!ok) this.refuse(TokenizerHeader.offsets[field], `${field} is ${h[field]}`);
    };
    const array = (field: keyof typeof h & string, align: number, bytes: number): void =>
      check(field, h[field] % align === 0 && h[field] >= TokenizerHeader.size && h[field] + bytes <= this.size);
    check('kind', TokenizerKind.nameOf(h.kind) !== undefined);
    check('flags', h.flags <= (this.bpe ? 0 : WORD_LEVEL_FLAGS));
    check('unk_id', h.unk_id === NONE || h.unk_id < h.token_count);
    check('token_count', h.token_count + h.bucket_count === this.header.vocab_size);
    check('sorted_count', h.sorted_count <= h.token_count);
    check('merge_count', h.merge_count <= (this.bpe ? 0xffff : 0));
    array('token_offsets', 4, 4 * (h.token_count + 1));
    array('token_bytes', 1, 0);
    array('sorted_ids', 2, 2 * h.sorted_count);
    if (this.bpe) {
      array('merges', 2, Merge.size * h.merge_count);
      array('byte_ids', 2, 512);
    } else {
      check('merges', h.merges === 0);
      check('byte_ids', h.byte_ids === 0);
    }
    check('bucket_count', (h.bucket_count === 0) === (h.word_ngrams === 1));
    check('word_ngrams', h.word_ngrams >= 1 && h.word_ngrams <= (this.bpe ? 1 : LIMITS.max_word_ngrams));
    check('reserved', h.reserved === 0);
  }

  private readTokens(): void {
    const { h, base } = this;
    const start = (i: number): number => this.view.getUint32(base + h.token_offsets + 4 * i, true);
    for (let i = 0; i <= h.token_count; i++) {
      const offset = start(i);
      if ((i === 0 ? offset !== 0 : offset < start(i - 1)) || h.token_bytes + offset > this.size)
        this.refuse(h.token_offsets + 4 * i, `token ${i} starts at ${offset}`);
    }
    for (let i = 0; i < h.token_count; i++) {
      const text = this.bytes.subarray(base + h.token_bytes + start(i), base + h.token_bytes + start(i + 1));
      if (text.length > LIMITS.max_text_bytes)
        this.refuse(h.token_offsets + 4 * i, `token ${i} has ${text.length} bytes`);
      if (this.bpe && hasInnerSpace(text))
        this.refuse(h.token_offsets + 4 * i, `token ${i} has a space after another character`);
      this.tokens.push(text);
    }
  }

  private readSorted(): number[] {
    const ids: number[] = [];
    for (let i = 0; i < this.h.sorted_count; i++) {
      const at = this.h.sorted_ids + 2 * i;
      const id = this.view.getUint16(this.base + at, true);
      const text = this.tokens[id];
      if (text === undefined || text.length === 0) return this.refuse(at, `sorted id ${id} has no text`);
      if (i > 0 && compareBytes(this.tokens[ids[i - 1]!]!, text) >= 0)
        this.refuse(at, `sorted id ${id} is out of order`);
      ids.push(id);
    }
    return ids;
  }

  private readByteIds(sortedIds: readonly number[]): (number | undefined)[] {
    const single = new Set(
      sortedIds
        .map((id) => this.tokens[id]!)
        .filter((t) => t.length === 1)
        .map((t) => t[0]!),
    );
    return Array.from({ length: 256 }, (_, byte) => {
      const at = this.h.byte_ids + 2 * byte;
      const id = optional(this.view.getUint16(this.base + at, true));
      if (id === undefined) {
        if (byte >= 128 || !single.has(byte)) this.refuse(at, `byte ${byte} has no token`);
      } else {
        const text = this.tokens[id];
        if (text?.length !== 1 || text[0] !== byte) this.refuse(at, `token ${id} is not byte ${byte}`);
      }
      return id;
    });
  }

  private readMerges(): MergeRule[] {
    const merges: MergeRule[] = [];
    let before = -1;
    for (let i = 0; i < this.h.merge_count; i++) {
      const at = this.h.merges + Merge.size * i;
      const merge = Merge.read(this.view, this.base + at);
      const [left, right, whole] = [merge.left, merge.right, merge.id].map((id) => this.tokens[id]);
      const key = merge.left * 65536 + merge.right;
      if (left === undefined || right === undefined || whole === undefined || key <= before)
        return this.refuse(at, `merge ${i} is out of range or out of order`);
      if (compareBytes(whole, concat(left, right)) !== 0) this.refuse(at, `merge ${i} does not join its parts`);
      before = key;
      merges.push({ left: merge.left, right: merge.right, rank: merge.rank, id: merge.id });
    }
    return merges;
  }

  private refuse(at: number, why: string): never {
    return this.fail('bad_tokenizer', this.base + at, why);
  }
}

function hasInnerSpace(text: Uint8Array): boolean {
  for (let i = 1; i < text.length; i++) if (text[i] === SPACE && text[i - 1] !== SPACE) return true;
  return false;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
