/** Checkpoint folder or ONNX file → .linnet image. */
import type { FloatKernels } from '../graph/float-kernels.js';
import { importModel, placeOf } from '../import/model.js';
import { chooseCalibration, type Calibration } from './calibration.js';
import { quantizeGraph, type QuantizedGraph } from './quantize-graph.js';
import type { QuantizationReport } from './report.js';

export { quantizeGraph, QUANTIZER_VERSION, type QuantizedGraph, type QuantizeGraphOptions } from './quantize-graph.js';
export type { Calibration } from './calibration.js';
export type { CalibrationSource, LayerReport, QuantizationReport } from './report.js';

export interface QuantizeOptions {
  /**
   * Text like the model will see; for a classifier a sentence a line. Default: calibration.txt or
   * heldout.txt in the folder, else random token ids.
   */
  readonly calibration?: string;
  /** tokenizer.json of an .onnx file. Default: the one in the same folder. */
  readonly tokenizer?: string;
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
 * @param model folder with config.json, model.safetensors and tokenizer.json, an .onnx file, or a .bin of fastText
 * @throws LinnetError see `importModel` and `quantizeGraph`
 */
export async function quantize(
  model: string,
  options: QuantizeOptions = {},
): Promise<{ image: Uint8Array; report: QuantizationReport }> {
  const { image, report } = await quantizeModel(model, options);
  return { image, report };
}

/** An image with all that it was made from: what a report shows. */
export interface QuantizedModel extends QuantizedGraph {
  readonly calibration: Calibration;
}

/** `quantize`, keeping what it worked with. */
export async function quantizeModel(model: string, options: QuantizeOptions = {}): Promise<QuantizedModel> {
  const { calibration: text, tokenizer, kernels, onProgress, signal } = options;
  const graph = await importModel(model, { tokenizer });
  const calibration = await chooseCalibration(graph, placeOf(model).dir, text);
  const { sequences, source } = calibration;
  const quantized = await quantizeGraph(graph, { calibration: sequences, source, kernels, onProgress, signal });
  return { ...quantized, calibration };
}
