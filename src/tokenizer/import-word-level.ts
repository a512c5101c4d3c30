/** WordLevel over words and punctuation marks. */
import { bad, checkLengths, isObject, sortByBytes, unsupported, type TokenizerJson } from './json.js';
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
    ...wordsOf(json),
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

type Splits = Pick<TokenizerTables, 'splitPunctuation' | 'lineFeed'>;

const WORDS: Splits = { splitPunctuation: false, lineFeed: false };
const AND_PUNCTUATION: Splits = { ...WORDS, splitPunctuation: true };
const AND_LINE_FEEDS: Splits = { ...WORDS, lineFeed: true };

/** Pre-tokenizers that the image's tokenizer can do, by what `describe` says of their steps. */
const PRE_TOKENIZERS: Readonly<Record<string, Splits>> = {
  WhitespaceSplit: WORDS,
  BertPreTokenizer: AND_PUNCTUATION,
  'WhitespaceSplit, Punctuation Isolated': AND_PUNCTUATION,
  'Whitespace, Punctuation Isolated': AND_PUNCTUATION,
  'Split "\\n" Isolated, Split /[^\\S\\n]+/ Removed': AND_LINE_FEEDS,
};

function wordsOf({ preTokenizers, where }: TokenizerJson): Splits {
  const found = preTokenizers.map(describe).join(', ');
  const splits = PRE_TOKENIZERS[found];
  if (splits) return splits;
  throw unsupported(
    `pre-tokenizer ${found || 'none'}`,
    where,
    'use WhitespaceSplit, or WhitespaceSplit and Punctuation (Isolated)',
  );
}

/** A step with the parameters that matter. */
function describe({ type, behavior, pattern, invert }: TokenizerJson['preTokenizers'][number]): string {
  if (type === 'Punctuation') return `${type} ${String(behavior ?? 'Isolated')}`;
  if (type !== 'Split') return type;
  const { String: text, Regex: regex } = (isObject(pattern) ? pattern : {}) as Record<string, unknown>;
  const shown = typeof regex === 'string' ? `/${regex}/` : JSON.stringify(text);
  return `${type} ${shown} ${String(behavior)}${invert ? ' inverted' : ''}`;
}
