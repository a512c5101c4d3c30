/** Every op on the conformance models, recomputed from what the op before it wrote: in exact integers, recurrent layers in reals. */
import { ReferenceEngine, type Observer } from '../../../src/engine/reference/engine';
import { sigmoid as sigmoidQ15, tanh as tanhQ15 } from '../../../src/engine/reference/fixed-point';
import { Pcg32 } from '../../../src/engine/reference/pcg32';
import { inputsOf, isRecurrent, type DenseIds, type Op, type OpOf, type RecurrentOp } from '../../../src/image/ops';
import { openImage, type Image } from '../../../src/image/read';
import { Activation, Direction, NONE, GruReset } from '../../../src/schema/image';
import { writeImage } from '../../../src/image/write';
import { MODELS } from '../../conformance/models';
import { convolve, pooled } from './window-oracle';

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
  op: Exclude<Op, RecurrentOp | { op: 'softmax' }>,
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
    case 'last_step':
      return op.direction === Direction.reverse ? x.slice(0, features) : x.slice(-features);
    case 'concat':
      return Array.from({ length: inputs[0]!.dims.length === 2 ? inputs[0]!.dims[0]! : 1 }).flatMap((_, t) =>
        inputs.flatMap(({ values, dims }) => [...values.slice(t * dims.at(-1)!, (t + 1) * dims.at(-1)!)]),
      );
    case 'pool':
      return pooled({ steps: input!.dims.length === 2 ? input!.dims[0]! : 1, values: x }, op);
    case 'conv': {
      const filters = image.tensors[op.weights.weight]!.dims[0]!;
      return convolve(
        { steps: input!.dims.length === 2 ? input!.dims[0]! : 1, values: x },
        op,
        filters,
        (row, window) => activated(op.activation, dense(image, op.weights, row, window), 127n),
      );
    }
    case 'add':
    case 'mul':
      return x.map((value, i) => {
        const [a, b] = [BigInt(value), BigInt(inputs[1]!.values[i]!)];
        const sum =
          op.op === 'mul'
            ? requantize(a * b, op.multiplier, op.shift)
            : (a * BigInt(op.multipliers[0]!) + b * BigInt(op.multipliers[1]!) + (1n << BigInt(op.shift - 1))) >>
              BigInt(op.shift);
        return activated(op.activation, sum, 127n);
      });
    case 'linear': {
      const highest = image.tensors[op.output]!.dtype === 'i16' ? 32767n : 127n;
      return Array.from({ length: (x.length / features) * rows }, (_, i) => {
        const t = Math.floor(i / rows);
        const step = x.slice(t * features, (t + 1) * features);
        return activated(op.activation, dense(image, op.weights, i % rows, step), highest);
      });
    }
  }
}

/** The table functions are held to the real ones in fixed-point.test.ts. */
function activated(activation: number, v: bigint, highest: bigint): number {
  if (activation === Activation.tanh || activation === Activation.sigmoid) {
    const f = activation === Activation.tanh ? tanhQ15 : sigmoidQ15;
    return Math.min((f(clamp(v, -32768n, 32767n)) + 128) >> 8, 127);
  }
  const lowest = highest === 127n ? -127n : -32768n;
  return clamp(v, activation === Activation.relu ? 0n : lowest, highest);
}

function checkTrace(image: Image, steps: Step[], ids: readonly number[]): void {
  const written = new Map(steps.map((step) => [step.output, step]));
  for (const [index, op] of image.ops.entries()) {
    if (isRecurrent(op) || op.op === 'softmax') continue;
    const step = steps[index]!;
    const inputs = inputsOf(op).map((id) => written.get(id)!);
    expect([...step.values]).toEqual(expected(image, op, ids, inputs, step.dims.at(-1)!));
  }
}

test.each(['lm-tied', 'lm-untied', 'lm-extreme', 'lm-gru', 'lm-gated'])(
  '%s: all but the recurrent layers is exact',
  (name) => {
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
  },
);

test.each(Object.keys(MODELS).filter((name) => MODELS[name]!().kind === 'classifier'))(
  '%s: all but the recurrent layers is exact at every length',
  (name) => {
    const image = open(name);
    const engine = new ReferenceEngine(image);
    const random = new Pcg32(4);
    const { min_tokens, max_tokens, vocab_size } = image.header;
    for (const length of [1, min_tokens, min_tokens + 1, min_tokens + 2, 17, 18, max_tokens]) {
      const ids = Array.from({ length }, () => random.next() % vocab_size);
      const padded = [...ids, ...Array<number>(Math.max(0, min_tokens - length)).fill(image.padId!)];
      const steps = trace(engine, () => engine.classify(ids));
      expect(steps[0]!.dims[0]).toBe(padded.length);
      checkTrace(image, steps, padded);
    }
  },
);

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

/** One step of a layer in reals, from its gates: Q3.12, in reals and clamped. */
function realStep(
  op: OpOf<'gru'> | OpOf<'rnn'>,
  image: Image,
  x: ArrayLike<number>,
  hidden: readonly number[],
  state: Float64Array,
): Float64Array {
  const size = state.length;
  const limited = (v: number): number => Math.min(Math.max(v, -(2 ** 29)), 2 ** 29);
  const saturated = (v: number): number => Math.min(Math.max(v, -32768), 32767) / 4096;
  const input = (row: number): number => limited(Number(dense(image, op.input_weights, row, x)));
  const recurrent = (row: number, h = hidden): number => limited(Number(dense(image, op.recurrent_weights, row, h)));
  const gate = (row: number): number => saturated(input(row) + recurrent(row));
  if (op.op === 'rnn') return Float64Array.from(state, (_, u) => Math.tanh(gate(u)));
  const r = Array.from(state, (_, u) => sigmoid(gate(u)));
  const kept = r.map((v, u) => Math.min(Math.floor(v * state[u]! * 128 + 0.5), 127));
  return Float64Array.from(state, (h, u) => {
    const row = 2 * size + u;
    const n = op.reset === GruReset.after ? input(row) + r[u]! * recurrent(row) : input(row) + recurrent(row, kept);
    const z = sigmoid(gate(size + u));
    return (1 - z) * Math.tanh(saturated(n)) + z * h;
  });
}

test.each(['bidirectional', 'bidirectional-extreme'])(
  '%s: GRU and RNN layers are the real ones within a step of Q0.7, in both directions and with both resets',
  (name) => {
    const image = open(name);
    const engine = new ReferenceEngine(image);
    const random = new Pcg32(6);
    const ids = Array.from({ length: 21 }, () => random.next() % image.header.vocab_size);
    const steps = trace(engine, () => engine.classify(ids));
    const seen = new Set<string>();
    for (const [index, op] of image.ops.entries()) {
      if (op.op !== 'gru' && op.op !== 'rnn') continue;
      seen.add(`${op.op} ${op.direction} ${op.op === 'gru' ? op.reset : ''}`);
      const { values, dims } = steps[index]!;
      const [length, size] = dims as [number, number];
      const x = steps.find((s) => s.output === op.input)!;
      const rowOf = (step: Step, t: number): number[] =>
        [...step.values].slice(t * step.dims[1]!, (t + 1) * step.dims[1]!);
      let state = new Float64Array(size);
      let hidden: readonly number[] = [...new Uint8Array(size)];
      let worst = 0;
      for (let i = 0; i < length; i++) {
        const t = op.direction === Direction.reverse ? length - 1 - i : i;
        const next = realStep(op, image, rowOf(x, t), hidden, state);
        hidden = [...values].slice(t * size, (t + 1) * size);
        next.forEach((h, u) => (worst = Math.max(worst, Math.abs(hidden[u]! / 128 - Math.min(h, 127 / 128)))));
        state = new Float64Array(next);
      }
      // Half a step of rounding and the tables' error. With reset before, r·a may round to the other side of a half:
      // one unit of v, times a weight.
      expect(worst).toBeLessThan(0.5 / 128 + (op.op === 'gru' && op.reset === GruReset.before ? 0.03 : 0.002));
    }
    expect(seen.size).toBe(6);
  },
);

test('a GRU unit that forgets slowly still moves: its state is finer than its output', () => {
  const content = MODELS['bidirectional']!();
  const gru = content.ops.find((op) => op.op === 'gru')!;
  const data = (id: number) => (content.tensors[id] as { data: Int32Array }).data;
  // One gate of all units is ruled by the bias: r anything, z = 0.997 (Q3.12 of 6), n = tanh(2).
  const { inputWeights, recurrentWeights } = gru;
  for (const w of [inputWeights, recurrentWeights]) {
    data(w.weight).fill(0);
    data(w.multiplier).fill(2 ** 30);
    data(w.shift).fill(30);
  }
  const size = data(inputWeights.multiplier).length / 3;
  data(recurrentWeights.bias!).fill(0);
  data(inputWeights.bias!).forEach((_, row, bias) => (bias[row] = [0, 6, 2][Math.floor(row / size)]! * 4096));
  const engine = new ReferenceEngine(openImage(writeImage(content), 'slow'));
  const steps = trace(engine, () => engine.classify(new Array<number>(33).fill(1)));
  const { values } = steps.find(({ type }) => type === 'gru')!;
  const z = sigmoid(6);
  for (let t = 0; t < 33; t++)
    expect(Math.abs(values[t * size]! / 128 - Math.tanh(2) * (1 - z ** (t + 1)))).toBeLessThan(0.5 / 128 + 1e-4);
  expect(values[32 * size]).toBeGreaterThan(values[0]!); // 0.24 % a step: less than half a unit of Q0.7
});

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
