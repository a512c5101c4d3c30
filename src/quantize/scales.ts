/** The real value of one unit of every activation. */
import { LinnetError } from '../errors.js';
import { inputsOf, type EmbeddingNode, type Graph, type Node } from '../graph/graph.js';
import type { Ranges } from './calibrate.js';
import { LIMITS } from '../schema/image.js';
import { Histogram, scaleForClip } from './histogram.js';

/** Hidden states are Q0.7. */
export const HIDDEN_SCALE = 2 ** -7;
/** Gate pre-activations are Q3.12. */
export const GATE_SCALE = 2 ** -12;
/** Cells of an LSTM are Q15.16. */
export const CELL_SCALE = 2 ** -16;
/** Wide states of a GRU are Q1.30. */
export const WIDE_SCALE = 2 ** -30;
/** Probabilities are Q0.15. */
export const PROBABILITY_SCALE = 2 ** -15;

const MAX_LOGIT_FRAC = 10;
/** Logits may turn out this much larger than calibration saw before they saturate. */
const LOGIT_HEADROOM = 1.5;

export interface Scales {
  /** By value. */
  readonly of: ReadonlyMap<string, number>;
  /** Fraction bits of the logits. */
  readonly logitFrac: number;
}

export function chooseScales(graph: Graph, ranges: Ranges): Scales {
  const logits = graph.nodes.findLast((node) => node.op === 'linear')!.output;
  const logitFrac = chooseLogitFrac(ranges.get(logits)!.maxAbs, logits);
  const of = new Map<string, number>();
  for (const node of graph.nodes) {
    if (node.output === logits) of.set(node.output, 2 ** -logitFrac);
    else of.set(node.output, scaleOf(node, graph, ranges, of));
  }
  return { of, logitFrac };
}

function scaleOf(node: Node, graph: Graph, ranges: Ranges, of: ReadonlyMap<string, number>): number {
  switch (node.op) {
    case 'embedding':
      return embeddingScale(node);
    case 'lstm':
    case 'gru':
    case 'rnn':
      return HIDDEN_SCALE;
    case 'conv1d':
    case 'linear':
      return scaleForClip(ranges.get(finalForm(graph, node.output))!.bestClip());
    case 'max_over_time':
    case 'last_step':
      return of.get(node.input)!;
    case 'mean_over_time':
      return of.get(node.input)! / 2 ** meanShift(of.get(node.input)!, ranges.get(node.output)!);
    case 'concat':
      return commonScale(node.output, node.inputs, of);
    case 'softmax':
      return PROBABILITY_SCALE;
  }
}

/** As many more fraction bits as leave the mean the room it needs. */
function meanShift(inputScale: number, range: Histogram): number {
  const bits = Math.floor(Math.log2(inputScale / scaleForClip(range.bestClip())));
  return Math.min(LIMITS.max_mean_shift, Math.max(0, bits));
}

/** From the whole table, not only the rows that calibration met: any token may come. */
function embeddingScale({ table }: EmbeddingNode): number {
  const histogram = new Histogram();
  histogram.add(table.data);
  return scaleForClip(histogram.bestClip());
}

/**
 * Pooling and concatenation keep the scale, so what they make of a value decides its clip: the few
 * large values that survive max over time, and, in a concatenation, those of all its inputs.
 */
function finalForm(graph: Graph, value: string): string {
  const consumers = graph.nodes.filter((node) => inputsOf(node).includes(value));
  const only = consumers.length === 1 ? consumers[0]! : undefined;
  return only?.op === 'max_over_time' || only?.op === 'last_step' || only?.op === 'concat'
    ? finalForm(graph, only.output)
    : value;
}

function commonScale(name: string, inputs: readonly string[], of: ReadonlyMap<string, number>): number {
  const scale = of.get(inputs[0]!)!;
  if (inputs.some((input) => of.get(input) !== scale))
    throw new LinnetError(
      'unsupported_model',
      'inputs differ in scale',
      `concat "${name}"`,
      'pooled convolutions can be joined, and hidden states, but not one with the other',
    );
  return scale;
}

function chooseLogitFrac(maxAbs: number, name: string): number {
  const frac = Math.min(MAX_LOGIT_FRAC, Math.floor(Math.log2(32767 / (LOGIT_HEADROOM * maxAbs))));
  if (frac < 0)
    throw new LinnetError(
      'unsupported_model',
      `logits reach ${maxAbs.toExponential(1)}`,
      `layer "${name}"`,
      'a trained model stays far below 20,000: check the checkpoint',
    );
  return frac;
}
