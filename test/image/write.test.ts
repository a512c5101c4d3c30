/** Layout of what is written, and refusals that take another model than the conformance images. */
import fc from 'fast-check';
import type { BufferSpec, ImageContent, OpSpec } from '../../src/image/content';
import { ImageError } from '../../src/image/fault';
import { openImage } from '../../src/image/read';
import { SECTIONS } from '../../src/image/validate-header';
import { writeImage } from '../../src/image/write';
import { ReferenceEngine } from '../../src/engine/reference/engine';
import { ImageBuilder } from '../conformance/builder';
import { damage } from '../conformance/damage';
import { MODELS } from '../conformance/models';
import { wordLevelTables } from '../conformance/tokenizers';

const contents = Object.entries(MODELS).map(([name, make]) => [name, make()] as const);

test.each(contents)('%s: what was written is read', (name, content) => {
  const image = openImage(writeImage(content), name);
  const plain = {
    kind: image.kind,
    name: image.name,
    labels: image.labels,
    tokenizer: image.tokenizer,
    metadata: image.metadata,
  };
  expect(plain).toEqual({
    kind: content.kind,
    name: content.name,
    labels: content.labels,
    tokenizer: { ...content.tokenizer, tokens: content.tokenizer.tokens.map((t) => Uint8Array.from(t)) },
    metadata: content.metadata,
  });
  expect([image.bosId, image.eosId, image.padId]).toEqual([content.bosId, content.eosId, content.padId]);
  expect(image.ops.map((op) => op.op)).toEqual(content.ops.map((op) => op.op));
  content.tensors.forEach((spec, id) => {
    const tensor = image.tensors[id]!;
    expect([tensor.kind, tensor.dims, tensor.scale]).toEqual([spec.kind, spec.dims, spec.scale]);
    if (spec.kind !== 'constant')
      return expect([tensor.dtype, tensor.time, tensor.offset]).toEqual([spec.dtype, spec.time, spec.offset]);
    const bytes = image.bytes.subarray(tensor.offset, tensor.offset + tensor.bytes);
    expect(Buffer.from(bytes).equals(Buffer.from(spec.data.buffer, spec.data.byteOffset, spec.data.byteLength))).toBe(
      true,
    );
  });
});

test.each(contents)('%s: equal content gives equal bytes, and gaps are zero', (name, content) => {
  const bytes = writeImage(content);
  expect(writeImage(MODELS[name]!())).toEqual(bytes);
  const { header, tensors } = openImage(bytes, name);
  const used = new Uint8Array(bytes.length).fill(0);
  used.fill(1, 0, 88);
  for (const section of SECTIONS) used.fill(1, header[section].offset, header[section].offset + header[section].size);
  for (const t of tensors) if (t.kind === 'constant') used.fill(1, t.offset, t.offset + t.bytes);
  expect(bytes.filter((_, i) => used[i] === 0).every((byte) => byte === 0)).toBe(true);
});

test('an image may lie anywhere in a buffer', () => {
  const bytes = writeImage(MODELS['cnn']!());
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(openImage(shifted.subarray(3), 'x').name).toBe('cnn');
});

/** Status of the image that the content makes. */
function status(content: ImageContent): string {
  try {
    openImage(writeImage(content), 'x');
    return 'ok';
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
}

const cnn = MODELS['cnn']!();
const lm = MODELS['lm-untied']!();
const withOps = (content: ImageContent, change: (ops: OpSpec[]) => OpSpec[]): ImageContent => ({
  ...content,
  ops: change([...content.ops]),
});

test('a model must start with an embedding and have no second one', () => {
  expect(status(withOps(cnn, ([, ...rest]) => rest))).toBe('bad_order');
  expect(status(withOps(cnn, (ops) => [...ops.slice(0, 2), ops[0]!, ...ops.slice(2)]))).toBe('bad_order');
  const second = {
    ...cnn,
    tensors: [...cnn.tensors, { ...cnn.tensors[0]!, offset: cnn.scratchBytes } as BufferSpec],
    scratchBytes: cnn.scratchBytes + 480,
  };
  const embedding = { ...cnn.ops[0]!, output: cnn.tensors.length } as OpSpec;
  expect(status(withOps(second, (ops) => [ops[0]!, embedding, ...ops.slice(1)]))).toBe('bad_result');
});

test('logits come only at the end', () => {
  // A second output layer, with weights and a place of its own, before the real one.
  const real = cnn.ops.at(-2) as Extract<OpSpec, { op: 'linear' }>;
  const [weight, output] = [cnn.tensors[real.weights.weight]!, cnn.tensors[real.output]!];
  const early = { ...real, weights: { ...real.weights, weight: cnn.tensors.length }, output: cnn.tensors.length + 1 };
  const content: ImageContent = {
    ...cnn,
    tensors: [...cnn.tensors, weight, { ...output, offset: cnn.scratchBytes } as BufferSpec],
    scratchBytes: cnn.scratchBytes + 16,
  };
  expect(status(withOps(content, (ops) => [...ops.slice(0, -2), early, ...ops.slice(-2)]))).toBe('bad_result');
});

test('the probabilities must be those of the logits right before', () => {
  expect(status({ ...cnn, labels: ['a', 'b'] })).toBe('bad_result');
});

test('a language model must end in logits of the whole vocabulary', () => {
  expect(status(withOps(lm, (ops) => ops.slice(0, -1)))).toBe('bad_result');
});

test('a matrix may have 65536 columns and no more', () => {
  const words = wordLevelTables();
  const tokenizer = { ...words, tokens: words.tokens.slice(0, 3), sortedIds: [2] };
  const wide = (columns: number): ImageContent => {
    const b = new ImageBuilder(
      { kind: 'classifier', name: 'wide', labels: ['a'], minTokens: 1, maxTokens: 1, logitFrac: 8, tokenizer },
      1,
    );
    b.softmax(b.linear(b.pool(b.embedding(columns, false), 'max', { kernel: [0, 1] }), 1, { dtype: 'i16' }));
    return b.finish({});
  };
  expect(status(wide(65536))).toBe('ok');
  expect(status(wide(65537))).toBe('accumulator_overflow');
});

test('a name, a label and a token have at most 255 bytes', () => {
  expect(status({ ...cnn, name: 'é'.repeat(127) + 'x' })).toBe('ok');
  expect(status({ ...cnn, name: 'é'.repeat(128) })).toBe('bad_strings');
  expect(status({ ...cnn, labels: ['a', 'b', 'x'.repeat(256)] })).toBe('bad_strings');
});

/** Refused with a status, and nothing else; or else it can be run. */
function checkAny(bytes: Uint8Array): void {
  let image;
  try {
    image = openImage(bytes, 'x');
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    expect(error.message).not.toContain('\n');
    return;
  }
  const { min_tokens, max_tokens } = image.header;
  for (const tokens of [min_tokens, Math.min(max_tokens, 9)])
    new ReferenceEngine(image).classify(new Array<number>(tokens).fill(0));
}

test('random bytes, and a good image cut short, are refused with a status', () => {
  const good = writeImage(cnn);
  const cut = fc.nat({ max: good.length }).map((n) => good.subarray(0, n));
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), cut), checkAny), { numRuns: 500 });
});

test.each(['cnn', 'cnn-plane', 'cnn-deep'])('%s: random edits of its records are refused, or it runs', (name) => {
  const good = writeImage(MODELS[name]!());
  const records = openImage(good, name).tensors.find((t) => t.kind === 'constant')!.offset;
  const small = fc.oneof(fc.constantFrom(0, 1, 2, 3, 255), fc.nat({ max: 255 }));
  const edits = fc.array(fc.tuple(fc.nat({ max: records - 1 }), small), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(edits, (list) =>
      checkAny(
        damage(
          good,
          good.length,
          list.map(([offset, value]) => ({ offset, bytes: Uint8Array.of(value) })),
          true,
        ),
      ),
    ),
    { numRuns: 1500 },
  );
});
