/** The real value of one unit of every activation. */
import { LinnetError } from '../errors.js';
import { inputsOf, type EmbeddingNode, type Graph, type Node, type PoolNode } from '../graph/graph.js';
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
    case 'conv':
    case 'linear':
    case 'add':
    case 'mul':
      return node.activation === 'tanh' || node.activation === 'sigmoid'
        ? HIDDEN_SCALE
        : calibrated(node, graph, ranges);
    case 'pool':
      return pooledScale(node, graph, ranges, of.get(node.input)!);
    case 'last_step':
      return of.get(node.input)!;
    case 'concat': // the others are brought to it: align-concats.ts
      return Math.max(...node.inputs.map((input) => of.get(input)!));
    case 'softmax':
      return PROBABILITY_SCALE;
  }
}

function calibrated(node: Node, graph: Graph, ranges: Ranges): number {
  return scaleForClip(ranges.get(finalForm(graph, node.output))!.bestClip());
}

function pooledScale(node: PoolNode, graph: Graph, ranges: Ranges, inputScale: number): number {
  switch (node.mode) {
    case 'max':
      return inputScale;
    case 'average':
      return inputScale / 2 ** gainOf(inputScale, ranges.get(node.output)!);
    case 'lp':
      return calibrated(node, graph, ranges);
  }
}

/** As many more fraction bits as leave an average the room it needs. */
function gainOf(inputScale: number, range: Histogram): number {
  const bits = Math.floor(Math.log2(inputScale / scaleForClip(range.bestClip())));
  return Math.min(LIMITS.max_gain, Math.max(0, bits));
}

/** From the whole table, not only the rows that calibration met: any token may come. */
function embeddingScale({ table }: EmbeddingNode): number {
  const histogram = new Histogram();
  histogram.add(table.data);
  return scaleForClip(histogram.bestClip());
}

/**
 * Max pooling and concatenation keep the scale, so what they make of a value decides its clip: the few
 * large values that survive a maximum over time, and, in a concatenation, those of all its inputs.
 */
function finalForm(graph: Graph, value: string): string {
  const consumers = graph.nodes.filter((node) => inputsOf(node).includes(value));
  const only = consumers.length === 1 ? consumers[0]! : undefined;
  const keeps = (only?.op === 'pool' && only.mode === 'max') || only?.op === 'last_step' || only?.op === 'concat';
  return keeps ? finalForm(graph, only.output) : value;
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
