/** Everything the report shows, as data: `collectReport` gathers it, `renderReport` makes it a page. */
import type { LayerReport, QuantizationReport } from '../quantize/index.js';
import type { ActivationHistogram } from './activation-histogram.js';
import type { EmbeddingMap } from './embedding-map.js';
import type { Speed } from './speed.js';
import type { BoardNeed } from './summary.js';
import type { WeightHistogram } from './weight-histogram.js';
import type { Work } from './work.js';

export interface ReportData {
  readonly name: string;
  readonly kind: QuantizationReport['kind'];
  readonly labels: readonly string[];
  readonly vocabSize: number;
  /** SHA-256 of the image, hex. */
  readonly sha256: string;
  /** Weights and biases, those of a tied table once. */
  readonly parameters: number;
  /** Bytes of the image by use. */
  readonly bytes: QuantizationReport['bytes'];
  /** RAM of one session, bytes. */
  readonly stateBytes: number;
  readonly scratchBytes: number;
  readonly boards: readonly BoardFit[];
  readonly calibration: QuantizationReport['calibration'];
  /** One an op, in execution order. */
  readonly layers: readonly LayerData[];
  /** Multiply-accumulates: a token's (language model); a typical and the longest sentence's (classifier). */
  readonly work: readonly Work[];
  readonly quality?: Quality;
  /** Absent where there are too few tokens with text to draw a map. */
  readonly embedding?: EmbeddingData;
  /** The only figures that are not the same every time. */
  readonly speed?: Speed;
}

export interface BoardFit {
  readonly name: string;
  readonly title: string;
  readonly need: BoardNeed;
}

export interface LayerData extends LayerReport {
  /** Weight matrices first used here. */
  readonly weights: readonly WeightHistogram[];
  /** Name of the layer whose weights it shares. */
  readonly tiedTo?: string;
  readonly activation: ActivationHistogram;
}

/** The same figures of the float model and of the image. */
export interface Quality {
  /** What was judged: "91,396 tokens" */
  readonly on: string;
  readonly figures: readonly QualityFigure[];
}

export interface QualityFigure {
  /** "perplexity" */
  readonly name: string;
  readonly float: number;
  readonly int8: number;
  /** share: 0 … 1, shown in per cent. */
  readonly unit: 'number' | 'share';
  readonly better: 'lower' | 'higher';
}

export interface EmbeddingData {
  /** The embedding layer's name. */
  readonly layer: string;
  /** Numbers a token. */
  readonly size: number;
  /** Text of the tokens on the map, the most frequent first. */
  readonly tokens: readonly string[];
  /** So many of them, the first, occur in the calibration text. */
  readonly seen: number;
  readonly map: EmbeddingMap;
}
