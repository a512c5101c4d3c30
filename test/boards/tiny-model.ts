/** A language model of random weights over bytes, small enough for any board and fast everywhere. */
import type { ConstantData, ImageContent, TensorSpec } from '../../src/image/content.js';
import { PER_TOKEN } from '../../src/image/time.js';
import { writeImage } from '../../src/image/write.js';
import { random } from '../link/memory-transport.js';

const HIDDEN = 16;
const BOS = 256;
const VOCAB = 257;

/** The image's bytes. @param padding extra bytes of metadata, to make it as big as wanted */
export function tinyModel(seed = 1, padding = 0): Uint8Array {
  const next = random(seed);
  const tensors: TensorSpec[] = [];
  const add = (tensor: TensorSpec): number => tensors.push(tensor) - 1;
  const constant = (dims: number[], data: ConstantData): number => add({ kind: 'constant', dims, data });
  const weights = (rows: number): Int8Array =>
    Int8Array.from({ length: rows * HIDDEN }, () => Math.floor(next() * 255) - 127);
  const dense = (rows: number, shift: number, bias?: Int32Array) => ({
    weight: constant([rows, HIDDEN], weights(rows)),
    ...(bias && { bias: constant([rows], bias) }),
    multiplier: constant([rows], new Int32Array(rows).fill(2 ** 30)),
    shift: constant([rows], new Uint8Array(rows).fill(shift)),
  });

  const table = constant([VOCAB, HIDDEN], weights(VOCAB));
  const inputWeights = dense(4 * HIDDEN, 35, new Int32Array(4 * HIDDEN));
  const recurrentWeights = dense(4 * HIDDEN, 35);
  // Letters and spaces are likely, so that what it says is printable text.
  const isLetter = (byte: number): boolean => byte === 0x20 || (byte >= 0x61 && byte <= 0x7a);
  const output = dense(
    VOCAB,
    37,
    Int32Array.from({ length: VOCAB }, (_, byte) => (isLetter(byte) ? 200_000 : -400_000)),
  );
  const row = { kind: 'activation', dtype: 'i8', dims: [1, HIDDEN], time: PER_TOKEN } as const;
  const embedded = add({ ...row, offset: 0 });
  const lstm = add({ ...row, offset: HIDDEN });
  const logits = add({ kind: 'activation', dtype: 'i16', dims: [1, VOCAB], time: PER_TOKEN, offset: 0 });
  const hidden = add({ kind: 'state', dtype: 'i8', dims: [HIDDEN], offset: 0 });
  const cell = add({ kind: 'state', dtype: 'i32', dims: [HIDDEN], offset: HIDDEN });

  const content: ImageContent = {
    kind: 'language_model',
    name: `tiny-${seed}`,
    labels: [],
    minTokens: 1,
    maxTokens: 0,
    bosId: BOS,
    logitFrac: 8,
    stateBytes: 5 * HIDDEN,
    scratchBytes: 2 * HIDDEN, // the logits are streamed and take none
    tensors,
    ops: [
      { op: 'embedding', output: embedded, table },
      { op: 'lstm', input: embedded, output: lstm, inputWeights, recurrentWeights, hidden, cell, direction: 'forward' },
      { op: 'linear', input: lstm, output: logits, weights: output, activation: 'none' },
    ],
    tokenizer: {
      kind: 'bpe',
      lowercase: false,
      splitPunctuation: false,
      joinWithSpace: false,
      appendEos: false,
      asciiSpaces: false,
      lineFeed: false,
      wordNgrams: 1,
      bucketCount: 0,
      tokens: Array.from({ length: VOCAB }, (_, id) => (id === BOS ? new Uint8Array() : Uint8Array.of(id))),
      sortedIds: [],
      merges: [],
      byteIds: Array.from({ length: 256 }, (_, byte) => byte),
    },
    metadata: { padding: 'x'.repeat(padding) },
  };
  return writeImage(content);
}
