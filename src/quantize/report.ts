/** What quantization did to each layer, and what the image costs. */
import type { Graph } from '../graph/graph.js';
import type { BufferSpec, ImageContent, OpSpec } from '../image/content.js';
import type { Image } from '../image/read.js';
import type { Ranges } from './calibrate.js';
import { constantData, partsOf, type Parts } from './parts.js';

export interface LayerReport {
  /** The node's name, as in the checkpoint. */
  readonly name: string;
  readonly op: OpSpec['op'];
  /** Shape of the output, for the longest input; time first where there is one. */
  readonly shape: readonly number[];
  /** Weights and biases; those of a tied table count in the first layer that has it. */
  readonly parameters: number;
  /** Bytes of the layer's constants in the image, counted likewise. */
  readonly bytes: number;
  /** Real value of one unit of the output. */
  readonly scale: number;
  /** Largest magnitude of the float output on the calibration text. */
  readonly maxAbs: number;
  /** Magnitude at which the integer output saturates. */
  readonly clip: number;
  /** Share of the calibration values beyond it. */
  readonly clipped: number;
  /** Signal to noise of the integer output against the float one, whole model up to here, in dB. */
  readonly sqnr: number;
}

export interface QuantizationReport {
  readonly name: string;
  readonly kind: Graph['kind'];
  readonly parameters: number;
  readonly layers: readonly LayerReport[];
  /** Bytes of the image by use; `other` is headers, tables, names, metadata and padding. */
  readonly bytes: {
    readonly weights: number;
    readonly biases: number;
    readonly multipliers: number;
    readonly tokenizer: number;
    readonly other: number;
    readonly total: number;
  };
  /** RAM a session needs, bytes. */
  readonly stateBytes: number;
  readonly scratchBytes: number;
  readonly logitFrac: number;
  readonly calibration: {
    readonly tokens: number;
    /** Where the text came from; "random" means random token ids, for want of a text. */
    readonly source: CalibrationSource;
  };
}

export type CalibrationSource = 'given' | 'calibration.txt' | 'heldout.txt' | 'random';

/** Of the integers an activation may hold. */
const LARGEST = { i8: 127, i16: 32767, i32: 2 ** 31 - 1, u16: 65535 } as const;

/**
 * @param sqnr dB of every op's output
 * @returns one entry an op
 */
export function reportLayers(
  graph: Graph,
  content: ImageContent,
  ranges: Ranges,
  sqnr: readonly number[],
): LayerReport[] {
  const counted = new Set<number>();
  return content.ops.map((op, index) => {
    const { output: name } = graph.nodes[index]!;
    const output = content.tensors[op.output] as BufferSpec;
    const { weights, biases, multipliers } = partsOf(op);
    const isNew = (id: number) => !counted.has(id);
    const trained = [...weights, ...biases].filter(isNew);
    const all = [...trained, ...multipliers.filter(isNew)];
    all.forEach((id) => counted.add(id));
    const range = ranges.get(name)!;
    const clip = LARGEST[output.dtype] * output.scale!;
    return {
      name,
      op: op.op,
      shape: output.dims,
      parameters: sum(trained, (id) => constantData(content, id).length),
      bytes: sum(all, (id) => constantData(content, id).byteLength),
      scale: output.scale!,
      maxAbs: range.maxAbs,
      clip,
      clipped: range.fractionBeyond(clip),
      sqnr: sqnr[index]!,
    };
  });
}

/** Bytes of an image by use. */
export function reportBytes(content: ImageContent, image: Image): QuantizationReport['bytes'] {
  const parts = content.ops.map(partsOf);
  const bytesOf = (use: keyof Parts) =>
    sum([...new Set(parts.flatMap((part) => part[use]))], (id) => constantData(content, id).byteLength);
  const [weights, biases, multipliers] = [bytesOf('weights'), bytesOf('biases'), bytesOf('multipliers')];
  const { size: total, tokenizer } = image.header;
  const other = total - weights - biases - multipliers - tokenizer.size;
  return { weights, biases, multipliers, tokenizer: tokenizer.size, other, total };
}

function sum(ids: readonly number[], of: (id: number) => number): number {
  return ids.reduce((total, id) => total + of(id), 0);
}
