/** docs/format.md, "What a reader checks", 8 and 9. */
import { Merge, NONE } from '../../../src/schema/image';
import { fault, u16, u32, u8, type Edit, type Fault, type Places } from './fault';

const tokenizerFault = (image: string, name: string, edits: Fault['edits']): Fault =>
  fault('bad_tokenizer', image, name, edits);
const BPE = 'lm-tied';

/** The last token becomes a bucket. */
const buckets = (at: Places, ngrams: number): Edit[] => [
  u32(at.tokenizer('token_count'), at.image.header.vocab_size - 1),
  u32(at.tokenizer('sorted_count'), 1),
  u32(at.tokenizer('bucket_count'), 1),
  u16(at.tokenizer('word_ngrams'), ngrams),
];

export const TOKENIZER: Fault[] = [
  tokenizerFault(BPE, 'a tokenizer shorter than its header', (at) => [u32(at.header('tokenizer') + 4, 43)]),
  tokenizerFault(BPE, 'an unknown tokenizer', (at) => [u8(at.tokenizer('kind'), 3)]),
  tokenizerFault(BPE, 'flags of BPE', (at) => [u8(at.tokenizer('flags'), 1)]),
  tokenizerFault('cnn', 'an unknown flag', (at) => [u8(at.tokenizer('flags'), 64)]),
  tokenizerFault('fasttext', 'a bucket as unk_id', (at) => [
    u16(at.tokenizer('unk_id'), at.image.tokenizer.tokens.length),
  ]),
  tokenizerFault(BPE, 'unk_id outside', (at) => [u16(at.tokenizer('unk_id'), 0xfffe)]),
  tokenizerFault(BPE, 'another token_count', (at) => [
    u32(at.tokenizer('token_count'), at.image.header.vocab_size + 1),
  ]),
  tokenizerFault(BPE, 'more sorted tokens than tokens', (at) => [
    u32(at.tokenizer('sorted_count'), at.image.header.vocab_size + 1),
  ]),
  tokenizerFault('cnn', 'words with merges', (at) => [u32(at.tokenizer('merge_count'), 1)]),
  tokenizerFault(BPE, '65536 merges', (at) => [u32(at.tokenizer('merge_count'), 65536)]),
  tokenizerFault(BPE, 'token_offsets off their boundary', (at) => [u32(at.tokenizer('token_offsets'), 46)]),
  tokenizerFault(BPE, 'token_offsets in the header', (at) => [u32(at.tokenizer('token_offsets'), 40)]),
  tokenizerFault(BPE, 'token_bytes outside', (at) => [
    u32(at.tokenizer('token_bytes'), at.image.header.tokenizer.size + 1),
  ]),
  tokenizerFault(BPE, 'sorted_ids at an odd place', (at) => [u32(at.tokenizer('sorted_ids'), 45)]),
  tokenizerFault(BPE, 'merges that end outside', (at) => [
    u32(at.tokenizer('merges'), at.image.header.tokenizer.size - 8),
  ]),
  tokenizerFault('cnn', 'words with a place for merges', (at) => [u32(at.tokenizer('merges'), 44)]),
  tokenizerFault(BPE, 'byte_ids whose end wraps at 32 bits', (at) => [u32(at.tokenizer('byte_ids'), 0xfffffffe)]),
  tokenizerFault('cnn', 'words with byte_ids', (at) => [u32(at.tokenizer('byte_ids'), 44)]),
  tokenizerFault('fasttext', 'another bucket_count', (at) => [u32(at.tokenizer('bucket_count'), 102)]),
  tokenizerFault('fasttext', 'counts whose sum wraps at 32 bits', (at) => [
    u32(at.tokenizer('token_count'), at.image.header.vocab_size + 1),
    u32(at.tokenizer('bucket_count'), 0xffffffff),
  ]),
  tokenizerFault('cnn', 'buckets without n-grams', (at) => buckets(at, 1)),
  tokenizerFault('cnn', 'n-grams without buckets', (at) => [u16(at.tokenizer('word_ngrams'), 2)]),
  tokenizerFault('fasttext', 'buckets for n-grams of one word', (at) => [u16(at.tokenizer('word_ngrams'), 1)]),
  tokenizerFault('fasttext', 'n-grams of no word', (at) => [u16(at.tokenizer('word_ngrams'), 0)]),
  tokenizerFault('fasttext', 'n-grams of six words', (at) => [u16(at.tokenizer('word_ngrams'), 6)]),
  tokenizerFault(BPE, 'n-grams of BPE', (at) => buckets(at, 2)),
  tokenizerFault('fasttext', 'a reserved field of the tokenizer', (at) => [u16(at.tokenizer('reserved'), 1)]),
  tokenizerFault(BPE, 'a first token that starts late', (at) => [u32(at.table('token_offsets'), 1)]),
  tokenizerFault(BPE, 'a token that ends before it starts', (at) => [u32(at.table('token_offsets', 4 * 9), 0)]),
  tokenizerFault(BPE, 'a last token that ends outside', (at) => [
    u32(at.table('token_offsets', 4 * at.image.header.vocab_size), 0xffff),
  ]),
  tokenizerFault(BPE, 'a token of 256 bytes', (at) =>
    Array.from({ length: at.image.header.vocab_size - 2 }, (_, i) =>
      u32(at.table('token_offsets', 4 * (i + 2)), i === 0 ? 0 : 256),
    ),
  ),
  tokenizerFault(BPE, 'a space within a token', (at) => [
    u8(at.token(at.image.tokenizer.tokens.findIndex((t) => t.length === 3)) + 1, 0x20),
  ]),
  tokenizerFault(BPE, 'a sorted id outside', (at) => [u16(at.table('sorted_ids'), 0xfffe)]),
  tokenizerFault(BPE, 'a sorted id without text', (at) => [u16(at.table('sorted_ids'), 0)]),
  tokenizerFault(BPE, 'sorted ids out of order', (at) => [
    u16(at.table('sorted_ids', 2), at.image.tokenizer.sortedIds[0]!),
  ]),
  tokenizerFault(BPE, 'a byte id outside', (at) => [u16(at.table('byte_ids', 2 * 0x41), 0xfffe)]),
  tokenizerFault(BPE, 'the token of another byte', (at) => [
    u16(at.table('byte_ids', 2 * 0x80), at.image.tokenizer.byteIds[0x81]!),
  ]),
  tokenizerFault(BPE, 'a byte from 128 on without a token', (at) => [u16(at.table('byte_ids', 2 * 0xff), NONE)]),
  tokenizerFault(BPE, 'a byte below 128 without a token', (at) => [u16(at.table('byte_ids', 2 * 7), NONE)]),
  tokenizerFault(BPE, 'a merge of a token outside', (at) => [u16(at.table('merges') + Merge.offsets.id, 0xfffe)]),
  tokenizerFault(BPE, 'a merge into another token', (at) => [u16(at.table('merges') + Merge.offsets.id, 5)]),
  tokenizerFault(BPE, 'a merge that is there twice', (at) => {
    const first = at.table('merges');
    return [{ offset: first + Merge.size, bytes: at.image.bytes.slice(first, first + Merge.size) }];
  }),
];

export const TOKENIZER_HARMLESS: Fault[] = [
  fault('ok', 'cnn', 'words without unk_id', (at) => [u16(at.tokenizer('unk_id'), NONE)]),
  fault('ok', 'cnn', 'every flag', (at) => [u8(at.tokenizer('flags'), 31)]),
  fault('ok', 'fasttext', 'n-grams of five words', (at) => [u16(at.tokenizer('word_ngrams'), 5)]),
];

const stringFault = (name: string, edits: Fault['edits']): Fault => fault('bad_strings', 'cnn', name, edits);
export const STRINGS: Fault[] = [
  stringFault('an empty name', (at) => [u8(at.string(), 0)]),
  stringFault('a label without end', (at) => [u8(at.string(at.image.header.strings.size - 1), 0x41)]),
  stringFault('a label too few', (at) => [u8(at.string(3), 0x41)]),
  stringFault('a string too many', (at) => [u8(at.string(6), 0)]),
  stringFault('bytes after the last string', (at) => [u32(at.header('strings') + 4, at.image.header.strings.size + 1)]),
  stringFault('a control character', (at) => [u8(at.string(1), 0x1b)]),
  stringFault('a delete character', (at) => [u8(at.string(1), 0x7f)]),
  stringFault('a control character of two bytes', (at) => [u8(at.string(1), 0xc2, 0x9b)]),
  stringFault('a string that is not UTF-8', (at) => [u8(at.string(1), 0xff)]),
  stringFault('an overlong character', (at) => [u8(at.string(1), 0xc0, 0x80)]),
];
