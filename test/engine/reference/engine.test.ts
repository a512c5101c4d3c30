/** Every op on the conformance models, recomputed from what the op before it wrote: in exact integers, the LSTM in reals. */
import { ReferenceEngine, type Observer } from '../../../src/engine/reference/engine';
import { Pcg32 } from '../../../src/engine/reference/pcg32';
import { inputsOf, type DenseIds, type Op, type OpOf } from '../../../src/image/ops';
import { openImage, type Image } from '../../../src/image/read';
import { Activation, NONE } from '../../../src/schema/image';
import { writeImage } from '../../../src/image/write';
import { MODELS } from '../../conformance/models';

type Step = Parameters<Observer>[0];

const open = (name: string): Image => openImage(writeImage(MODELS[name]!()), name);
const clamp = (v: bigint, low: bigint, high: bigint): number => Number(v < low ? low : v > high ? high : v);
const requantize = (acc: bigint, m: number, s: number): bigint =>
  (acc * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s);

/** What every op wrote in one run. */
function trace(engine: ReferenceEngine, run: () => void): Step[] {
  const steps: Step[] = [];
  engine.observer = (step) => steps.push(step);
  run();
  engine.observer = undefined;
  return steps;
}

function dense(image: Image, ids: DenseIds, row: number, x: ArrayLike<number>): bigint {
  const columns = image.tensors[ids.weight]!.dims[1]!;
  const weight = image.constants.i8(ids.weight).subarray(row * columns, (row + 1) * columns);
  let acc = ids.bias === NONE ? 0n : BigInt(image.constants.i32(ids.bias)[row]!);
  weight.forEach((w, k) => (acc += BigInt(w) * BigInt(x[k]!)));
  return requantize(acc, image.constants.i32(ids.multiplier)[row]!, image.constants.u8(ids.shift)[row]!);
}

/** Output of an op from its inputs. */
function expected(
  image: Image,
  op: Exclude<Op, { op: 'lstm' | 'softmax' }>,
  ids: readonly number[],
  inputs: Step[],
  rows: number,
): number[] {
  const [input] = inputs;
  const x = [...(input?.values ?? [])];
  const features = input?.dims.at(-1) ?? 0;
  switch (op.op) {
    case 'embedding': {
      const size = image.tensors[op.table]!.dims[1]!;
      const table = image.constants.i8(op.table);
      return ids.flatMap((id) =>
        [...table.subarray(id * size, (id + 1) * size)].map((v) =>
          op.multiplier === NONE
            ? v
            : clamp(
                requantize(BigInt(v), image.constants.i32(op.multiplier)[id]!, image.constants.u8(op.shift)[id]!),
                -127n,
                127n,
              ),
        ),
      );
    }
    case 'max_over_time':
      return Array.from({ length: features }, (_, c) => Math.max(...x.filter((_v, i) => i % features === c)));
    case 'concat':
      return inputs.flatMap((step) => [...step.values]);
    case 'conv1d':
    case 'linear': {
      const width = op.op === 'conv1d' ? op.width : 1;
      const wide = image.tensors[op.output]!.dtype === 'i16';
      const [low, high] = wide ? [-32768n, 32767n] : [-127n, 127n];
      const steps = x.length / features - width + 1;
      return Array.from({ length: steps * rows }, (_, i) => {
        const t = Math.floor(i / rows);
        const window = x.slice(t * features, (t + width) * features);
        return clamp(dense(image, op.weights, i % rows, window), op.activation === Activation.relu ? 0n : low, high);
      });
    }
  }
}

function checkTrace(image: Image, steps: Step[], ids: readonly number[]): void {
  const written = new Map(steps.map((step) => [step.output, step]));
  for (const [index, op] of image.ops.entries()) {
    if (op.op === 'lstm' || op.op === 'softmax') continue;
    const step = steps[index]!;
    const inputs = inputsOf(op).map((id) => written.get(id)!);
    expect([...step.values]).toEqual(expected(image, op, ids, inputs, step.dims.at(-1)!));
  }
}

test.each(['lm-tied', 'lm-untied', 'lm-extreme'])('%s: embedding and linear layers are exact', (name) => {
  const image = open(name);
  const engine = new ReferenceEngine(image);
  const random = new Pcg32(3);
  for (let i = 0; i < 12; i++) {
    const id = random.next() % image.header.vocab_size;
    checkTrace(
      image,
      trace(engine, () => engine.feed(id)),
      [id],
    );
  }
});

test.each(['cnn', 'cnn-extreme', 'sequence'])('%s: layers over time and pooled are exact at every length', (name) => {
  const image = open(name);
  const engine = new ReferenceEngine(image);
  const random = new Pcg32(4);
  const { min_tokens, max_tokens, vocab_size } = image.header;
  for (const length of [1, min_tokens, min_tokens + 1, 17, max_tokens]) {
    const ids = Array.from({ length }, () => random.next() % vocab_size);
    const padded = [...ids, ...Array<number>(Math.max(0, min_tokens - length)).fill(image.padId!)];
    const steps = trace(engine, () => engine.classify(ids));
    expect(steps[0]!.dims[0]).toBe(padded.length);
    checkTrace(image, steps, padded);
  }
});

test.each(['cnn', 'sequence'])('%s: probabilities are softmax of the logits within a unit and add up to 1', (name) => {
  const image = open(name);
  const engine = new ReferenceEngine(image);
  const random = new Pcg32(5);
  for (let i = 0; i < 50; i++) {
    const { scores, logits } = engine.classify(
      Array.from({ length: 9 }, () => random.next() % image.header.vocab_size),
    );
    const weights = [...logits].map((l) => Math.exp(l / 2 ** image.header.logit_frac));
    const total = weights.reduce((a, b) => a + b);
    scores.forEach((score, j) => expect(Math.abs(score / 32768 - weights[j]! / total)).toBeLessThan(1.01 / 32768));
    const sum = scores.reduce((a, b) => a + b);
    expect(Math.abs(sum - 32768)).toBeLessThanOrEqual(scores.length / 2);
  }
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

test.each(['lm-tied', 'lm-untied', 'lm-extreme'])(
  '%s: an LSTM layer is the real LSTM within a step of Q0.7',
  (name) => {
    const image = open(name);
    const engine = new ReferenceEngine(image);
    const index = image.ops.findIndex((op) => op.op === 'lstm');
    const op = image.ops[index] as OpOf<'lstm'>;
    const size = image.tensors[op.output]!.dims[1]!;
    const cell = new Float64Array(size);
    let hidden: readonly number[] = new Array<number>(size).fill(0);
    const random = new Pcg32(6);
    for (let step = 0; step < 25; step++) {
      const steps = trace(engine, () => engine.feed(random.next() % image.header.vocab_size));
      const x = steps.find((s) => s.output === op.input)!.values;
      const gate = (row: number): number => {
        const sum =
          Number(dense(image, op.input_weights, row, x)) + Number(dense(image, op.recurrent_weights, row, hidden));
        return Math.min(Math.max(sum, -32768), 32767) / 4096;
      };
      const out = [...steps[index]!.values];
      for (let u = 0; u < size; u++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((k) => gate(k * size + u)) as [number, number, number, number];
        cell[u] = sigmoid(f) * cell[u]! + sigmoid(i) * Math.tanh(g);
        const h = Math.min(sigmoid(o) * Math.tanh(Math.min(Math.max(cell[u]!, -8), 8)), 127 / 128);
        // Half a step of rounding, and the tables' error through a cell that keeps it.
        expect(Math.abs(out[u]! / 128 - h)).toBeLessThan(0.5 / 128 + 0.004);
      }
      hidden = out;
    }
  },
);

test('reset forgets, and a classifier starts afresh each time', () => {
  const model = new ReferenceEngine(open('lm-tied'));
  model.feed(7);
  const first = model.logits();
  model.feed(7);
  expect(model.logits()).not.toEqual(first);
  model.reset();
  model.feed(7);
  expect(model.logits()).toEqual(first);

  const classifier = new ReferenceEngine(open('sequence'));
  const once = classifier.classify([3, 4, 5, 6]);
  classifier.classify([9, 9, 9, 9, 9, 9]);
  expect(classifier.classify([3, 4, 5, 6])).toEqual(once);
});

test('a short sentence is the same as one padded by hand', () => {
  const engine = new ReferenceEngine(open('cnn'));
  expect(engine.classify([5, 6])).toEqual(engine.classify([5, 6, 0, 0, 0]));
});

test('wrong calls are refused with a code', () => {
  const code = (run: () => void): unknown => {
    try {
      run();
    } catch (error) {
      return (error as { code: unknown }).code;
    }
    return undefined;
  };
  const model = new ReferenceEngine(open('lm-tied'));
  const classifier = new ReferenceEngine(open('cnn'));
  expect(code(() => model.classify([1]))).toBe('wrong_kind');
  expect(code(() => classifier.feed(1))).toBe('wrong_kind');
  expect(code(() => classifier.logits())).toBe('wrong_kind');
  expect(code(() => model.feed(model.image.header.vocab_size))).toBe('bad_token');
  expect(code(() => model.feed(-1))).toBe('bad_token');
  expect(code(() => model.feed(0.5))).toBe('bad_token');
  expect(code(() => classifier.classify([0, 54]))).toBe('bad_token');
  expect(code(() => classifier.classify([]))).toBe('input_empty');
  expect(code(() => classifier.classify(new Array<number>(41).fill(1)))).toBe('input_too_long');
});
