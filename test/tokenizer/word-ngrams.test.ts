/** Hashed n-grams of words: what fastText's own program gives, the definition, and the C++ tokenizer. */
import fc from 'fast-check';
import { requireAddon } from '../../src/engine/native-addon';
import { NativeModel } from '../../src/engine/native';
import { ReferenceModel } from '../../src/engine/reference/model';
import { writeImage } from '../../src/image/write';
import type { TokenizerTables } from '../../src/tokenizer/tables';
import { Tokenizer } from '../../src/tokenizer/tokenizer';
import { ImageBuilder } from '../conformance/builder';
import { ngramTables, wordLevelTables } from '../conformance/tokenizers';

/** Two words known; n-grams fall into 2³² buckets, so that ids show the hashes. */
const WIDE: TokenizerTables = {
  ...ngramTables(),
  tokens: ['</s>', 'the'].map((word) => Buffer.from(word)),
  sortedIds: [0, 1],
  appendEos: false,
  wordNgrams: 2,
  bucketCount: 2 ** 32,
};

/** fasttext's Dictionary::hash of single words (commit 1142dc4); those of "a" and "foobar" are FNV-1a's well-known ones. */
const WORD_HASHES: Readonly<Record<string, number>> = {
  a: 0xe40c292c | 0,
  foobar: 0xbf9cf968 | 0,
  é: 1023043777,
  東京: 1997330287,
  '</s>': -677604519,
};

test.each(Object.keys(WORD_HASHES))('the bigram of "the" and %j has the hash that fastText gives it', (word) => {
  const the = Number(
    BigInt.asIntN(
      32,
      [...Buffer.from('the')].reduce((h, b) => BigInt.asUintN(32, (h ^ BigInt(b)) * 16777619n), 2166136261n),
    ),
  );
  const bigram = BigInt.asUintN(64, BigInt(the) * 116049371n + BigInt(WORD_HASHES[word]!));
  const { tokens } = WIDE;
  const ids = new Tokenizer(WIDE).encode(`the ${word}`);
  expect(ids[ids.length - 1]).toBe(tokens.length + Number(bigram % 2n ** 32n));
});

test('the ids of a text are those of fastText, the n-grams behind the word they end with', () => {
  // Dictionary::getLine of test/golden/fasttext-bin/model.bin on "the unknown is red ." and a newline: 2 1 6 3 0, then
  // by first word 192 283; 191 75; 126 229; 76 115; 171. That model has 27 words and 260 buckets.
  const words = Array.from(
    { length: 27 },
    (_, id) => ({ 0: '</s>', 1: 'is', 2: 'the', 3: '.', 6: 'red' })[id] ?? `#${id}`,
  );
  const tokens = words.map((word) => Buffer.from(word));
  const sortedIds = [...tokens.keys()].sort((a, b) => Buffer.compare(tokens[a]!, tokens[b]!));
  const tokenizer = new Tokenizer({ ...ngramTables(), tokens, sortedIds, wordNgrams: 3, bucketCount: 260 });
  expect(tokenizer.encode('the unknown is red .')).toEqual(
    [2, [192], 1, [191, 283], 6, [126, 75], 3, [76, 229], 0, [171, 115]].flat(),
  );
});

test('an unknown word has no id, but is part of n-grams; with unk_id it has that', () => {
  const id = (word: string): number => WIDE.tokens.findIndex((t) => Buffer.from(t).toString() === word);
  const ids = (text: string, tables = WIDE) => new Tokenizer(tables).encode(text);
  expect(ids('dog')).toEqual([]);
  expect(ids('the dog')).toEqual([id('the'), expect.any(Number)]);
  expect(ids('the dog')[1]).toBeGreaterThanOrEqual(2);
  expect(ids('the dog')[1]).not.toBe(ids('the cat')[1]);
  expect(ids('the dog', { ...WIDE, unkId: 0 })).toEqual([1, 0, ids('the dog')[1]]);
});

test('</s> ends every text, also an empty one; an unknown </s> is only hashed', () => {
  const tables = { ...WIDE, appendEos: true };
  expect(['', ' \n\t '].map((text) => new Tokenizer(tables).encode(text))).toEqual([[0], [0]]);
  expect(new Tokenizer(tables).encode('the')).toEqual(new Tokenizer(WIDE).encode('the </s>'));
  const unknown = { ...tables, sortedIds: [1] };
  expect(new Tokenizer(unknown).encode('')).toEqual([]);
  expect(new Tokenizer(unknown).encode('the')).toEqual([1, new Tokenizer(WIDE).encode('the </s>')[2]]);
});

test('folding comes before hashing, punctuation marks are words', () => {
  const tables = { ...wordLevelTables(), wordNgrams: 4, bucketCount: 1000 };
  const tokenizer = new Tokenizer(tables);
  expect(tokenizer.encode('ÜBER the FILM!')).toEqual(tokenizer.encode('über The film !'));
  expect(tokenizer.encode('film!')).toHaveLength(3);
});

test('NUL and the spaces of ASCII part words, others only where they may', () => {
  const text = 'the\0the\u00a0the\u3000the\vthe';
  const ids = (asciiSpaces: boolean) =>
    new Tokenizer({ ...WIDE, wordNgrams: 1, bucketCount: 0, asciiSpaces }).encode(text);
  expect(ids(true)).toEqual([1, 1]);
  expect(ids(false)).toEqual([1, 1, 1]);
  expect(new Tokenizer({ ...WIDE, asciiSpaces: true }).encode('the\u00a0the')).toEqual([]);
  expect(new Tokenizer({ ...WIDE, asciiSpaces: false }).encode('the\0the')).toEqual([]);
});

test('buckets print nothing', () => {
  const tokenizer = new Tokenizer({ ...WIDE, joinWithSpace: true });
  expect(tokenizer.decode(tokenizer.encode('the the dog the'))).toBe('the the the');
});

/** docs/format.md word for word, over words that are apart already. */
function naive(tables: TokenizerTables, words: readonly string[]): number[] {
  const M = 2n ** 64n;
  const w = words.map((word) => {
    let h = 2166136261n;
    for (const byte of Buffer.from(word)) {
      const signed = byte < 128 ? BigInt(byte) : BigInt(byte) - 256n;
      h = (BigInt.asUintN(32, h ^ BigInt.asUintN(32, signed)) * 16777619n) % 2n ** 32n;
    }
    return h >= 2n ** 31n ? h - 2n ** 32n : h;
  });
  return words.flatMap((word, at) => {
    const id = tables.sortedIds.find((i) => Buffer.from(word).equals(tables.tokens[i]!)) ?? tables.unkId;
    const grams: number[] = [];
    for (let k = 2; k <= tables.wordNgrams && k <= at + 1; k++) {
      let h = w[at - k + 1]!;
      for (let j = 2; j <= k; j++) h = (((h * 116049371n + w[at - k + j]!) % M) + M) % M;
      grams.push(tables.tokens.length + Number(h % BigInt(tables.bucketCount)));
    }
    return id === undefined ? grams : [id, ...grams];
  });
}

const KNOWN = ngramTables().tokens.map((t) => Buffer.from(t).toString());
const word = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.constantFrom('unknown', 'Über', '💥', 'x'.repeat(255), 'é'.repeat(128), 'x'.repeat(256), 'y'.repeat(5000)),
);
const tables = fc
  .record({
    ngrams: fc.integer({ min: 1, max: 5 }),
    buckets: fc.integer({ min: 1, max: 700 }),
    eos: fc.boolean(),
    unk: fc.boolean(),
  })
  .map(({ ngrams, buckets, eos, unk }) => ({
    ...ngramTables(),
    wordNgrams: ngrams,
    bucketCount: ngrams === 1 ? 0 : buckets,
    appendEos: eos,
    ...(unk ? { unkId: 1 } : {}),
  }));

test('all settings, any words: as the definition says', () => {
  fc.assert(
    fc.property(tables, fc.array(word, { maxLength: 12 }), (t, words) => {
      expect(new Tokenizer(t).encode(words.join(' '))).toEqual(naive(t, t.appendEos ? [...words, '</s>'] : words));
    }),
    { numRuns: 1000 },
  );
});

/** A classifier that takes up to `maxTokens` ids of this tokenizer. */
function image(tokenizer: TokenizerTables, maxTokens: number): Uint8Array {
  const base = { kind: 'classifier', name: 'ngrams', labels: ['yes', 'no'], minTokens: 1, logitFrac: 9 } as const;
  const b = new ImageBuilder({ ...base, maxTokens, tokenizer }, 3);
  const mean = b.pool(b.embedding(4, false), 'average', { kernel: [0, 1], gain: 3 });
  b.softmax(b.linear(mean, 2, { dtype: 'i16', rms: 700 }));
  return writeImage(b.finish({}));
}

requireAddon();

test('C++ and TypeScript give the same ids', async () => {
  const flags = fc.record({
    lowercase: fc.boolean(),
    splitPunctuation: fc.boolean(),
    asciiSpaces: fc.boolean(),
    lineFeed: fc.boolean(),
  });
  const text = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(fc.constantFrom('the', ' ', '\0', '\v', 'film', '!', 'Ü', '\u00a0', '</s>', 'ΕΛΛΆΔΑ', '東'), {
        maxLength: 40,
      })
      .map((p) => p.join('')),
  );
  await fc.assert(
    fc.asyncProperty(tables, flags, fc.array(text, { minLength: 1, maxLength: 10 }), async (t, f, texts) => {
      const bytes = image({ ...t, ...f }, 100);
      const [native, reference] = [new NativeModel(bytes), new ReferenceModel(bytes)];
      for (const s of texts) expect(native.encode(s)).toEqual(reference.encode(s));
      await native.close();
    }),
    { numRuns: 150 },
  );
});

test('a text of more ids than the model takes is refused, whether words or n-grams are too many', async () => {
  // "the the … the </s>" of n words: 1 + 2 + 3 + 3 + … ids.
  for (const maxTokens of [6, 7, 8, 9]) {
    const bytes = image(ngramTables(), maxTokens);
    for (const model of [new NativeModel(bytes), new ReferenceModel(bytes)]) {
      expect((await model.classify('the the')).scores).toEqual(expect.any(Object));
      const longer = model.classify('the the the');
      if (maxTokens < 9) await expect(longer).rejects.toMatchObject({ code: 'input_too_long' });
      else await longer;
      await expect(model.classify('the '.repeat(100_000))).rejects.toMatchObject({ code: 'input_too_long' });
      await model.close();
    }
  }
});

test('a text without any ids is refused as empty', async () => {
  const bytes = image({ ...ngramTables(), appendEos: false }, 20);
  for (const model of [new NativeModel(bytes), new ReferenceModel(bytes)]) {
    for (const text of ['', 'unknown'])
      await expect(model.classify(text)).rejects.toMatchObject({ code: 'input_empty' });
    expect((await model.classify('unknown words')).scores).toEqual(expect.any(Object));
    await model.close();
  }
});
