/** WordLevel over words and punctuation marks. */
import { bad, checkLengths, sortByBytes, unsupported, type TokenizerJson } from './json.js';
import type { TokenizerTables } from './tables.js';

export function importWordLevel(json: TokenizerJson): TokenizerTables {
  const { names, special, where } = json;
  for (const step of json.normalizers)
    if (step.type !== 'Lowercase') throw unsupported(`normalizer ${step.type}`, where, 'use none, or Lowercase');
  if (json.decoders.length > 0)
    throw unsupported(`decoder ${json.decoders[0]!.type}`, where, 'use none: words are joined with spaces');
  const unkId = unknownId(json);
  const tokens = names.map((name, id) => (special.has(id) ? new Uint8Array() : new TextEncoder().encode(name)));
  checkLengths(tokens, names, where);
  return {
    kind: 'word_level',
    lowercase: json.normalizers.length > 0,
    splitPunctuation: splitsPunctuation(json),
    joinWithSpace: true,
    appendEos: false,
    asciiSpaces: false,
    wordNgrams: 1,
    bucketCount: 0,
    ...(unkId === undefined ? {} : { unkId }),
    tokens,
    sortedIds: sortByBytes(
      [...tokens.keys()].filter((id) => tokens[id]!.length > 0),
      tokens,
    ),
    merges: [],
    byteIds: [],
  };
}

/** null with no "<unk>" about: unknown words have no id. (Hugging Face takes null for "<unk>".) */
function unknownId({ model, idOf, where }: TokenizerJson): number | undefined {
  const name = model.unk_token === null ? '<unk>' : model.unk_token;
  const id = typeof name === 'string' ? idOf.get(name) : undefined;
  if (id === undefined && model.unk_token !== null)
    throw bad(`its unk_token ${JSON.stringify(name)} is not in the vocabulary`, where);
  return id;
}

/**
 * WhitespaceSplit, alone or before Punctuation (Isolated), and what comes to the same: BertPreTokenizer, and
 * Whitespace before Punctuation.
 */
function splitsPunctuation({ preTokenizers, where }: TokenizerJson): boolean {
  const isolated = (step: TokenizerJson['preTokenizers'][number] | undefined): boolean =>
    step?.type === 'Punctuation' && (step.behavior === undefined || step.behavior === 'Isolated');
  const [first, second] = preTokenizers;
  if (preTokenizers.length === 1 && first!.type === 'WhitespaceSplit') return false;
  if (preTokenizers.length === 1 && first!.type === 'BertPreTokenizer') return true;
  if (
    preTokenizers.length === 2 &&
    (first!.type === 'WhitespaceSplit' || first!.type === 'Whitespace') &&
    isolated(second)
  )
    return true;
  const found =
    preTokenizers.map((s) => (s.behavior === undefined ? s.type : `${s.type} (${String(s.behavior)})`)).join(', ') ||
    'none';
  throw unsupported(
    `pre-tokenizer ${found}`,
    where,
    'use WhitespaceSplit, or WhitespaceSplit and Punctuation (Isolated)',
  );
}
