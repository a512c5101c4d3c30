/** Float graph + typical text → image content and report. */
import { LinnetError } from '../errors.js';
import type { FloatKernels } from '../graph/float-kernels.js';
import { FloatModel } from '../graph/float-model.js';
import type { Graph } from '../graph/graph.js';
import type { ImageContent } from '../image/content.js';
import { openImage } from '../image/read.js';
import { writeImage } from '../image/write.js';
import { alignConcats } from './align-concats.js';
import { calibrate, type Ranges } from './calibrate.js';
import { upTo } from './calibration.js';
import { fuseMaxOverTime } from './fuse-max-over-time.js';
import { lowerGraph } from './lower.js';
import { constantData, partsOf } from './parts.js';
import { reportBytes, reportLayers, type CalibrationSource, type QuantizationReport } from './report.js';
import { chooseScales } from './scales.js';
import { measureSqnr } from './sqnr.js';

/** Goes into every image's metadata; raised when the same checkpoint would give another image. */
export const QUANTIZER_VERSION = 2;

/** Tokens the integer engine runs over to measure the error of each layer. */
const SQNR_TOKENS = 512;

export interface QuantizeGraphOptions {
  /** Token ids of typical text: pieces of it (language model, each from the initial state) or sentences. */
  readonly calibration: readonly ArrayLike<number>[];
  /** For the report. Default "given". */
  readonly source?: CalibrationSource;
  readonly kernels?: FloatKernels;
  /** Calibration tokens done, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface QuantizedGraph {
  readonly content: ImageContent;
  /** `writeImage(content)` */
  readonly image: Uint8Array;
  readonly report: QuantizationReport;
  /** The graph as it was lowered: one node an op of the image, in the same order. */
  readonly lowered: Graph;
  /** Magnitudes of its values, and of those of the graph that was given, on the calibration text. */
  readonly ranges: Ranges;
}

/**
 * Obeys docs/numerics.md; the image it returns has passed the validator.
 *
 * @throws LinnetError input_empty without calibration tokens; unsupported_model for weights or logits
 *   beyond the number formats; accumulator_overflow if a dot product could leave int32
 */
export async function quantizeGraph(original: Graph, options: QuantizeGraphOptions): Promise<QuantizedGraph> {
  const calibration = options.calibration.filter((ids) => ids.length > 0);
  if (calibration.length === 0)
    throw new LinnetError(
      'input_empty',
      'no text to calibrate with',
      original.name,
      'give a text of at least one word',
    );
  const tokens = calibration.reduce((n, ids) => n + ids.length, 0);
  const source = options.source ?? 'given';
  const seen = await calibrate(new FloatModel(original, options.kernels), calibration, options);
  const { graph, ranges, content } = layOut(original, seen, {
    calibration_tokens: tokens,
    calibration_source: source,
  });
  const image = writeImage(content);
  const opened = openImage(image, graph.name);
  const sqnr = await measureSqnr(new FloatModel(graph, options.kernels), opened, upTo(SQNR_TOKENS, calibration));
  const report: QuantizationReport = {
    name: graph.name,
    kind: graph.kind,
    parameters: countParameters(content),
    layers: reportLayers(graph, content, ranges, sqnr),
    bytes: reportBytes(content, opened),
    stateBytes: content.stateBytes,
    scratchBytes: content.scratchBytes,
    logitFrac: content.logitFrac,
    calibration: { tokens, source },
  };
  return { content, image, report, lowered: graph, ranges };
}

/** A calibrated graph as integers. @param notes for the metadata */
export function layOut(
  original: Graph,
  seen: Ranges,
  notes: Readonly<Record<string, unknown>> = {},
): { graph: Graph; ranges: Ranges; content: ImageContent } {
  const calibrated = { graph: original, ranges: seen, scales: chooseScales(original, seen) };
  const { graph, ranges, scales } = fuseMaxOverTime(alignConcats(calibrated));
  const lowered = lowerGraph(graph, scales);
  const { kind, name, labels, minTokens, maxTokens, bosId, eosId, padId, tokenizer } = graph;
  const parameters = countParameters(lowered);
  const content = {
    ...{ kind, name, labels, minTokens, maxTokens, bosId, eosId, padId, tokenizer },
    ...lowered,
    logitFrac: scales.logitFrac,
    metadata: { ...graph.metadata, parameters, quantizer_version: QUANTIZER_VERSION, ...notes },
  };
  return { graph, ranges, content };
}

/** Weights and biases, those of a tied table once. */
function countParameters(content: Pick<ImageContent, 'ops' | 'tensors'>): number {
  const ids = new Set(content.ops.map(partsOf).flatMap(({ weights, biases }) => [...weights, ...biases]));
  return [...ids].reduce((sum, id) => sum + constantData(content, id).length, 0);
}
