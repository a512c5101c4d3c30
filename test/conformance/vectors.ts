/**
 * What every engine and board must reproduce: made by the reference engine over test/conformance/*.linnet.
 * `make.ts` writes them to vectors.json and vectors.txt.
 */
import { createHash } from 'node:crypto';
import { ReferenceEngine } from '../../src/engine/reference/engine';
import {
  expNeg,
  lnQ24,
  log2Q24,
  mul31,
  requantize,
  rootQ8,
  sigmoid,
  tanh,
} from '../../src/engine/reference/fixed-point';
import { Pcg32 } from '../../src/engine/reference/pcg32';
import { gumbel, Sampler } from '../../src/engine/reference/sampler';
import { negativeLogLikelihood } from '../../src/engine/reference/score';
import { selfTest } from '../../src/engine/reference/self-test';
import type { Image } from '../../src/image/read';
import { STATUS } from '../../src/schema/status';
import { Tokenizer } from '../../src/tokenizer/tokenizer';
import { damage, verdict } from './damage';
import type { Edit } from './faults/fault';
import { editsOf, FAULTS } from './faults/index';

export type Value = number | string | readonly number[];

export interface Vector {
  readonly type: keyof typeof FORMS;
  /** Name of a .linnet file here. */
  readonly image?: string;
  readonly input: readonly Value[];
  readonly output: readonly Value[];
}

/** Fields of a line of vectors.txt: input → output. Lists are joined by commas, an empty list or string is "-". */
export const FORMS = {
  requantize: 'acc multiplier shift → int32',
  mul31: 'a b → Q0.31',
  sigmoid: 'Q3.12 → Q0.15',
  tanh: 'Q3.12 → Q0.15',
  exp_neg: 'Q.10 → Q0.31',
  log2_q24: 'v → Q.24',
  ln_q24: 'v → Q.24',
  gumbel: 'word → Q.16',
  lp_root: 'S order → Q.8',
  pcg32: 'seed → first words',
  encode: 'image, text (hex) → ids',
  decode: 'image, ids → text (hex)',
  logits: 'image, ids fed one by one from a reset state → SHA-256 of all logits (int16, little-endian) after each',
  generate:
    'image, ids fed from a reset state, seed temperature_q12 top_k → ids chosen, each fed back; eos does not stop it',
  score: 'image, ids fed from a reset state, ids scored and fed → sum of nll (Q.16)',
  classify: 'image, ids → scores (Q0.15) logits',
  self_test: 'image → SHA-256',
  refuse:
    'image, size, 1: make the CRC right afterwards, edits offset:hex;… after cutting or zero-filling to size → status where (0 0: accepted)',
} as const;

export function makeVectors(images: ReadonlyMap<string, Image>): Vector[] {
  const tokenizers = new Set<string>();
  const isNew = ({ bytes, header: { tokenizer } }: Image): boolean => {
    const section = Buffer.from(bytes.subarray(tokenizer.offset, tokenizer.offset + tokenizer.size)).toString('latin1');
    return tokenizers.size < tokenizers.add(section).size;
  };
  return [
    ...arithmetic(),
    ...[...images].flatMap(([name, image]) => [
      ...(isNew(image) ? tokenizing(name, image) : []),
      ...(image.kind === 'language_model' ? languageModel(name, image) : classifier(name, image)),
      { type: 'self_test' as const, image: name, input: [], output: [selfTest(image)] },
    ]),
    ...refusals(images),
  ];
}

function arithmetic(): Vector[] {
  const random = new Pcg32(11);
  const many = (count: number): number[] => Array.from({ length: count }, () => random.next());
  const one = (type: Vector['type'], f: (v: number) => number, inputs: readonly number[]): Vector[] =>
    inputs.map((v) => ({ type, input: [v], output: [f(v)] }));
  const accumulators = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 12345, -54321, ...many(12).map((w) => w | 0)];
  const multipliers = [0, 2 ** 30, 2 ** 31 - 1, ...many(2).map((w) => 2 ** 30 + (w % 2 ** 30))];
  const shifts = [17, 18, 31, 32, 40, 61, 62];
  const words = [
    0,
    1,
    2 ** 26,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32 - 2,
    2 ** 32 - 2 ** 26,
    2 ** 32 - 2 ** 26 - 1,
    ...many(40),
  ];
  const positive = [
    1,
    2,
    3,
    255,
    256,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 33 + 1,
    2 ** 48 - 1,
    2 ** 53 - 1,
  ];
  const logInputs = [...positive, ...many(20).map((w) => w + 1), ...many(20).map((w) => w * 2 ** 16 + 1)];
  const gates = [0, 1, -1, 127, 128, -128, 4096, -4096, 32767, -32767, -32768, ...many(40).map((w) => (w << 16) >> 16)];
  return [
    ...accumulators.flatMap((acc) =>
      multipliers.flatMap((m) =>
        shifts.map((s): Vector => ({ type: 'requantize', input: [acc, m, s], output: [requantize(acc, m, s)] })),
      ),
    ),
    ...[0, 1, 2 ** 30, 2 ** 31].flatMap((a) =>
      [...many(3), 2 ** 31, 2 ** 31 - 1].map((w): Vector => ({
        type: 'mul31',
        input: [a, w % (2 ** 31 + 1)],
        output: [mul31(a, w % (2 ** 31 + 1))],
      })),
    ),
    ...one('sigmoid', sigmoid, gates),
    ...one('tanh', tanh, gates),
    ...one('exp_neg', expNeg, [
      0,
      1,
      31,
      32,
      1023,
      1024,
      22 * 1024,
      32 * 1024 - 1,
      32 * 1024,
      65535 * 1024,
      ...many(40).map((w) => w % 24576),
    ]),
    ...one('log2_q24', log2Q24, logInputs),
    ...one('ln_q24', lnQ24, logInputs),
    ...one('gumbel', gumbel, words),
    ...[1, 2, 3].flatMap((order) =>
      sumsOf(order, many(6)).map((sum): Vector => ({
        type: 'lp_root',
        input: [sum, order],
        output: [rootQ8(sum, order)],
      })),
    ),
    ...[0, 1, 42, 0xffffffff].map((seed): Vector => {
      const generator = new Pcg32(seed);
      return { type: 'pcg32', input: [seed], output: [Array.from({ length: 8 }, () => generator.next())] };
    }),
  ];
}

/** Sums of powers of up to 2¹⁵ elements: exact powers, one less, and any. */
function sumsOf(order: number, words: readonly number[]): number[] {
  const most = 2 ** (7 * order + 15);
  const powers = [1, 2, 3, 128, 255, 1000, 4095, 4096].map((r) => r ** order).filter((sum) => sum <= most);
  const near = powers.flatMap((sum) => [sum - 1, sum, sum + 1]);
  return [...new Set([...near, most - 1, most, ...words.map((w) => w % most)])].sort((a, b) => a - b);
}

/** Texts on both sides of every rule of docs/format.md, "Tokenizer". */
const TEXTS: readonly (string | Uint8Array)[] = [
  '',
  ' ',
  'the and  in   there    is',
  ' the other hand\n\nand…',
  'aaaaaaa aaaa aa a',
  'Anéee née “I said” 𝄞!𝄞',
  '▁the <s> <0x41> A\tB\u0000\u007f',
  'The film WAS gorgeous,witty and—NOT bad!! “über” ÜBER naÏve 10% s_t',
  'ΕΛΛΆΔΑ ΠΡΙΒΕΤ Привет ПРИВЕТ ЀЏ Ѡ Ҋ Ӑ ĀĹŊŸŹ İ × Þ ΈΊΌΎΏ ΑΫ',
  'The film </s> über, über\u0000never naïve',
  '東京\u3000東京\u3001\u00a0の\u2028the\u2009a\u0085of\u1680to',
  Uint8Array.of(
    0x61,
    0xff,
    0x20,
    0xc3,
    0x20,
    0xe2,
    0x80,
    0x20,
    0xed,
    0xa0,
    0x80,
    0xc0,
    0x80,
    0xf4,
    0x90,
    0x80,
    0x80,
    0xe2,
  ),
  Uint8Array.from({ length: 256 }, (_, i) => i),
];

function tokenizing(image: string, { tokenizer: tables }: Image): Vector[] {
  const tokenizer = new Tokenizer(tables);
  const random = new Pcg32(5);
  const pieces = ['the', ' ', 'an', 'd', 'aa', 'é', '.', '\n', 'Film', '“', '!', '東', '\u2003'];
  const mixed = Array.from({ length: 12 }, () =>
    Array.from({ length: 30 }, () => pieces[random.next() % pieces.length]).join(''),
  );
  return [...TEXTS, ...mixed].flatMap((text): Vector[] => {
    const ids = tokenizer.encode(text);
    const decoded = Buffer.concat(
      ids.map((id, i) => Buffer.concat([Buffer.from(joins(tokenizer, ids, i) ? ' ' : ''), tokenizer.tokenBytes(id)])),
    );
    return [
      { type: 'encode', image, input: [Buffer.from(text as string).toString('hex')], output: [ids] },
      { type: 'decode', image, input: [ids], output: [decoded.toString('hex')] },
    ];
  });
}

/** Whether a space goes before the i-th token. */
function joins(tokenizer: Tokenizer, ids: readonly number[], i: number): boolean {
  const hasText = (id: number): boolean => tokenizer.tokenBytes(id).length > 0;
  return tokenizer.tables.joinWithSpace && hasText(ids[i]!) && ids.slice(0, i).some(hasText);
}

function languageModel(name: string, image: Image): Vector[] {
  const { vocab_size, logit_frac } = image.header;
  const random = new Pcg32(21);
  const ids = (count: number): number[] => Array.from({ length: count }, () => random.next() % vocab_size);
  const engine = new ReferenceEngine(image);
  const start = (prompt: readonly number[]): void => {
    engine.reset();
    for (const id of prompt) engine.feed(id);
  };
  const logits = [ids(1), ids(60)].map((fed): Vector => {
    const hash = createHash('sha256');
    engine.reset();
    for (const id of fed) {
      engine.feed(id);
      hash.update(new Uint8Array(engine.logits().buffer));
    }
    return { type: 'logits', image: name, input: [fed], output: [hash.digest('hex')] };
  });
  const settings = [
    [0, 0, 0],
    [1, 3277, 40],
    [7, 4096, 0],
    [42, 1, 5],
    [0xffffffff, 65535, 128],
    [3, 2048, 1],
  ] as const;
  const generate = settings.map(([seed, temperatureQ12, topK]): Vector => {
    const prompt = ids(5);
    const sampler = new Sampler({ seed, temperatureQ12, topK }, logit_frac);
    start(prompt);
    const chosen = Array.from({ length: 24 }, () => {
      const id = sampler.choose(engine.logits());
      engine.feed(id);
      return id;
    });
    return { type: 'generate', image: name, input: [prompt, seed, temperatureQ12, topK], output: [chosen] };
  });
  const score = [1, 30].map((count): Vector => {
    const [prompt, scored] = [ids(2), ids(count)];
    start(prompt);
    let sum = 0;
    for (const id of scored) {
      sum += negativeLogLikelihood(engine.logits(), id, logit_frac);
      engine.feed(id);
    }
    return { type: 'score', image: name, input: [prompt, scored], output: [sum] };
  });
  return [...logits, ...generate, ...score];
}

function classifier(name: string, image: Image): Vector[] {
  const { vocab_size, min_tokens, max_tokens } = image.header;
  const random = new Pcg32(31);
  const engine = new ReferenceEngine(image);
  const all = [1, min_tokens - 1, min_tokens, min_tokens + 1, 12, max_tokens - 1, max_tokens];
  const lengths = [...new Set(all)].filter((count) => count > 0);
  return lengths.flatMap((count) =>
    Array.from({ length: 3 }, (): Vector => {
      const ids = Array.from({ length: count }, () => random.next() % vocab_size);
      const { scores, logits } = engine.classify(ids);
      return { type: 'classify', image: name, input: [ids], output: [[...scores], [...logits]] };
    }),
  );
}

/** Flips drawn for every image: in the records, and anywhere. */
const FLIPS = 120;

function refusals(images: ReadonlyMap<string, Image>): Vector[] {
  const named = FAULTS.map((fault) => {
    const { bytes } = images.get(fault.image)!;
    return refusal(
      fault.image,
      bytes,
      fault.size?.(bytes.length) ?? bytes.length,
      editsOf(fault, bytes),
      fault.staleCrc !== true,
    );
  });
  const flips = [...images].flatMap(([name, { bytes, tensors }]) => {
    const random = new Pcg32(41);
    const records = tensors.find((t) => t.kind === 'constant')!.offset;
    return Array.from({ length: FLIPS }, (_, i) => {
      const offset = random.next() % (i % 4 === 0 ? bytes.length : records);
      return refusal(name, bytes, bytes.length, [{ offset, bytes: Uint8Array.of(random.next() & 0xff) }], true);
    });
  });
  return [...named, ...flips];
}

function refusal(image: string, bytes: Uint8Array, size: number, edits: readonly Edit[], fixCrc: boolean): Vector {
  const { status, where } = verdict(damage(bytes, size, edits, fixCrc));
  const listed = edits.map((e) => `${e.offset}:${Buffer.from(e.bytes).toString('hex')}`).join(';');
  return { type: 'refuse', image, input: [size, fixCrc ? 1 : 0, listed], output: [STATUS[status].code, where] };
}
