/** Small tokenizers: two in Hugging Face form, one with n-grams of words. */
import { importTokenizer } from '../../src/tokenizer/import';
import type { TokenizerTables } from '../../src/tokenizer/tables';

const ASCII = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i));

/** Merges cross letters, spaces, punctuation and two- to four-byte characters; several compete for the same letters. */
// prettier-ignore
const MERGES = [
  ['▁', 't'], ['h', 'e'], ['▁t', 'he'], ['▁', 'a'], ['i', 'n'], ['in', 'g'], ['e', 'r'], ['▁', '▁'], ['▁▁', '▁▁'],
  ['a', 'n'], ['n', 'd'], ['an', 'd'], ['▁a', 'nd'], ['▁', 's'], ['o', 'u'], ['r', 'e'], ['h', 'er'], ['t', 'h'], ['th', 'e'],
  ['a', 'a'], ['aa', 'a'], ['aa', 'aa'], ['é', 'e'], ['n', 'é'], ['.', '.'], ['..', '.'], ['\n', '\n'], ['“', 'I'],
  ['𝄞', '!'], ['▁', '“'], ['l', 'l'], ['o', 'w'],
] as const;

export function bpeJson(): Record<string, unknown> {
  const bytes = Array.from({ length: 256 }, (_, b) => b).filter((b) => b === 0x41 || b < 0x21 || b >= 0x7f);
  const names = [
    '<s>',
    '</s>',
    ...bytes.map((b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`),
    '▁',
    '\n',
    ...ASCII,
    'é',
    '“',
    '𝄞',
    ...MERGES.map((pair) => pair.join('')),
  ];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 1].map((id) => ({
      id,
      content: names[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries([...new Set(names)].map((name, id) => [name, id])),
      merges: MERGES.map((pair) => [...pair]),
    },
  };
}

const WORDS =
  'the a of and to in is it that this film movie was good bad great terrible witty gorgeous not never very story ' +
  "s t n re actors plot ending über naïve ελλάδα привет 東京 2 10 . , ! ? ' “ ” — … - ( ) % & _";

export function wordLevelJson(): Record<string, unknown> {
  const names = ['<pad>', '<unk>', ...WORDS.split(' ')];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 1].map((id) => ({
      id,
      content: names[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Punctuation', behavior: 'Isolated' }],
    },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(names.map((name, id) => [name, id])), unk_token: '<unk>' },
  };
}

export function bpeTables(): TokenizerTables {
  return importTokenizer(bpeJson(), 'bpe');
}

export function wordLevelTables(): TokenizerTables {
  return importTokenizer(wordLevelJson(), 'words');
}

/** As the Penn Treebank is read: a line feed is a word, in place of the last one of `wordLevelTables`. */
export function lineTables(): TokenizerTables {
  const words = wordLevelTables();
  const tokens = [...words.tokens.slice(0, -1), Uint8Array.of(0x0a)];
  const sortedIds = [...words.sortedIds].sort((a, b) => Buffer.compare(tokens[a]!, tokens[b]!));
  return { ...words, splitPunctuation: false, lineFeed: true, tokens, sortedIds };
}

/** As the fastText project splits text: no folding, n-grams of up to three words in buckets, no token for the unknown. */
export function ngramTables(): TokenizerTables {
  const encoder = new TextEncoder();
  const tokens = ['</s>', ...WORDS.split(' '), 'The', 'über,'].map((word) => encoder.encode(word));
  return {
    kind: 'word_level',
    lowercase: false,
    splitPunctuation: false,
    joinWithSpace: true,
    appendEos: true,
    asciiSpaces: true,
    lineFeed: false,
    wordNgrams: 3,
    bucketCount: 101,
    tokens,
    sortedIds: tokens.map((_, id) => id).sort((a, b) => Buffer.compare(tokens[a]!, tokens[b]!)),
    merges: [],
    byteIds: [],
  };
}
