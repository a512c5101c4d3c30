/** What an image holds and needs, as data: the whole of `linnet inspect`. */
import type { BoardSpec } from '../boards/registry.js';
import { inputsOf, matricesOf, statesOf, type Op } from '../image/ops.js';
import type { Image } from '../image/read.js';
import { workspaceBytes } from '../image/workspace.js';

export interface OpSummary {
  readonly op: Op['op'];
  /** Tensor ids. */
  readonly inputs: readonly number[];
  readonly output: number;
  /** Shape of the output; `time` if the first dimension is the most steps there can be. */
  readonly shape: readonly number[];
  readonly time: boolean;
  readonly dtype: string;
  /** Weights and biases first used by this op: a tied table counts once. */
  readonly parameters: number;
  /** Bytes of the constants first used by this op, scales included. */
  readonly bytes: number;
}

/** Bytes a model takes on a board, and what there is. */
export interface BoardNeed {
  readonly ram: number;
  readonly ramAvailable: number;
  readonly flash: number;
  readonly flashAvailable: number;
  readonly fits: boolean;
}

export interface ImageSummary {
  readonly name: string;
  readonly kind: Image['kind'];
  readonly parameters: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly version: number;
  readonly vocabSize: number;
  readonly labels: readonly string[];
  readonly tokenizer: string;
  /** Words in the longest n-gram that has an id (1: none has), and how many ids n-grams share. */
  readonly wordNgrams: number;
  readonly bucketCount: number;
  /** Fraction bits of the int16 logits. */
  readonly logitFrac: number;
  /** RAM of one session: recurrent state and scratch memory, bytes. */
  readonly stateBytes: number;
  readonly scratchBytes: number;
  /** RAM by board, bytes. */
  readonly ram: Readonly<Record<string, number>>;
  readonly boards: Readonly<Record<string, BoardNeed>>;
  readonly ops: readonly OpSummary[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

export function summarize(image: Image, boards: readonly BoardSpec[]): ImageSummary {
  const { header } = image;
  const seen = new Set<number>();
  const ops = image.ops.map((op) => summarizeOp(op, image, seen));
  const needs = Object.fromEntries(boards.map((board) => [board.name, needOn(board, image)]));
  return {
    name: image.name,
    kind: image.kind,
    parameters: ops.reduce((sum, { parameters }) => sum + parameters, 0),
    bytes: image.bytes.length,
    sha256: image.sha256,
    version: header.version,
    vocabSize: header.vocab_size,
    labels: image.labels,
    tokenizer: image.tokenizer.kind,
    wordNgrams: image.tokenizer.wordNgrams,
    bucketCount: image.tokenizer.bucketCount,
    logitFrac: header.logit_frac,
    stateBytes: header.state_bytes,
    scratchBytes: header.scratch_bytes,
    ram: Object.fromEntries(Object.entries(needs).map(([name, { ram }]) => [name, ram])),
    boards: needs,
    ops,
    metadata: image.metadata ?? {},
  };
}

/** State, scratch and workspace lie side by side in the firmware's arena; the model is read where it lies in flash. */
export function needOn(board: BoardSpec, image: Image): BoardNeed {
  const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  const { state_bytes, scratch_bytes } = image.header;
  const ram = align(state_bytes) + align(scratch_bytes) + workspaceBytes(image, board.layout ?? 'row_major');
  const ramAvailable = board.ram.arena_bytes;
  const flash = image.bytes.length;
  const flashAvailable = board.image.bytes;
  return { ram, ramAvailable, flash, flashAvailable, fits: ram <= ramAvailable && flash <= flashAvailable };
}

function summarizeOp(op: Op, image: Image, seen: Set<number>): OpSummary {
  const weights = op.op === 'embedding' ? [op.table] : matricesOf(op).flatMap(({ weight, bias }) => [weight, bias]);
  const scales =
    op.op === 'embedding'
      ? [op.multiplier, op.shift]
      : matricesOf(op).flatMap(({ multiplier, shift }) => [multiplier, shift]);
  let parameters = 0;
  let bytes = 0;
  for (const id of [...weights, ...scales]) {
    const tensor = image.tensors[id]; // NONE is beyond the last tensor
    if (!tensor || seen.has(id)) continue;
    seen.add(id);
    bytes += tensor.bytes;
    if (weights.includes(id)) parameters += tensor.dims.reduce((product, n) => product * n, 1);
  }
  const { dims, time, dtype } = image.tensors[op.output]!;
  const inputs = [...inputsOf(op), ...statesOf(op)];
  return { op: op.op, inputs, output: op.output, shape: dims, time: time !== undefined, dtype, parameters, bytes };
}
