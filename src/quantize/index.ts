/** Checkpoint folder → .linnet image. */
import type { FloatKernels } from '../graph/float-kernels.js';
import { importCheckpoint } from '../import/checkpoint.js';
import { chooseCalibration } from './calibration.js';
import { quantizeGraph } from './quantize-graph.js';
import type { QuantizationReport } from './report.js';

export { quantizeGraph, QUANTIZER_VERSION, type QuantizedGraph, type QuantizeGraphOptions } from './quantize-graph.js';
export type { CalibrationSource, LayerReport, QuantizationReport } from './report.js';

export interface QuantizeOptions {
  /**
   * Text like the model will see; for a classifier a sentence a line. Default: calibration.txt or
   * heldout.txt in the folder, else random token ids.
   */
  readonly calibration?: string;
  /** Faster float arithmetic than the default. */
  readonly kernels?: FloatKernels;
  /** Calibration tokens done, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Quantizes a checkpoint to int8 weights and activations.
 *
 * @example
 * const { image, report } = await quantize('models/gutenberg-lm');
 * await writeFile('gutenberg-lm.linnet', image);
 *
 * @param checkpointDir folder with config.json, model.safetensors and tokenizer.json
 * @throws LinnetError see `importCheckpoint` and `quantizeGraph`
 */
export async function quantize(
  checkpointDir: string,
  options: QuantizeOptions = {},
): Promise<{ image: Uint8Array; report: QuantizationReport }> {
  const { calibration, kernels, onProgress, signal } = options;
  const graph = await importCheckpoint(checkpointDir);
  const { sequences, source } = await chooseCalibration(graph, checkpointDir, calibration);
  const { image, report } = await quantizeGraph(graph, { calibration: sequences, source, kernels, onProgress, signal });
  return { image, report };
}
