/** The tokenizer section: TokenizerHeader, then its arrays, widest elements first so that all are aligned. */
import { Merge, NONE, TokenizerFlag, TokenizerHeader, TokenizerKind } from '../schema/image.js';
import type { TokenizerTables } from '../tokenizer/tables.js';

export function encodeTokenizer(tables: TokenizerTables): Uint8Array {
  const { tokens, sortedIds, merges } = tables;
  const bpe = tables.kind === 'bpe';
  const tokenOffsets = TokenizerHeader.size;
  const sorted = tokenOffsets + 4 * (tokens.length + 1);
  const mergesAt = sorted + 2 * sortedIds.length;
  const byteIds = mergesAt + Merge.size * merges.length;
  const tokenBytes = byteIds + (bpe ? 512 : 0);
  const section = new Uint8Array(tokenBytes + tokens.reduce((sum, t) => sum + t.length, 0));
  const view = new DataView(section.buffer);
  TokenizerHeader.write(view, 0, {
    kind: TokenizerKind[tables.kind],
    flags:
      (tables.lowercase ? TokenizerFlag.lowercase : 0) |
      (tables.splitPunctuation ? TokenizerFlag.split_punctuation : 0) |
      (tables.joinWithSpace ? TokenizerFlag.join_with_space : 0) |
      (tables.appendEos ? TokenizerFlag.append_eos : 0) |
      (tables.asciiSpaces ? TokenizerFlag.ascii_spaces : 0) |
      (tables.lineFeed ? TokenizerFlag.line_feed : 0),
    unk_id: tables.unkId ?? NONE,
    token_count: tokens.length,
    sorted_count: sortedIds.length,
    merge_count: merges.length,
    token_offsets: tokenOffsets,
    token_bytes: tokenBytes,
    sorted_ids: sorted,
    merges: bpe ? mergesAt : 0,
    byte_ids: bpe ? byteIds : 0,
    bucket_count: tables.bucketCount,
    word_ngrams: tables.wordNgrams,
    reserved: 0,
  });
  let end = 0;
  tokens.forEach((token, id) => {
    section.set(token, tokenBytes + end);
    end += token.length;
    view.setUint32(tokenOffsets + 4 * (id + 1), end, true);
  });
  sortedIds.forEach((id, i) => view.setUint16(sorted + 2 * i, id, true));
  merges.forEach((merge, i) => Merge.write(view, mergesAt + Merge.size * i, merge));
  if (bpe)
    for (let byte = 0; byte < 256; byte++) view.setUint16(byteIds + 2 * byte, tables.byteIds[byte] ?? NONE, true);
  return section;
}
