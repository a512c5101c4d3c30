/** The public API. docs/api.md describes it. What is large and seldom needed together is loaded when it is called. */
import type { Board, ConnectOptions } from './link/board.js';
import { modules } from './modules.js';
import type { QuantizationReport, QuantizeOptions } from './quantize/index.js';

export { load, type LoadOptions, type LocalModel } from './engine/load.js';
export { NativeModel } from './engine/native.js';
export { nativeFloatKernels } from './engine/native-addon.js';
export { LinnetError, type ErrorCode } from './errors.js';
export type { Board, BoardStats, ConnectOptions } from './link/board.js';
export type { UploadOptions, UploadReport } from './link/upload.js';
export type { Classification, GenerateOptions, ModelInfo, Score, TextModel, Token } from './model.js';
export type { QuantizationReport, QuantizeOptions } from './quantize/index.js';

/** Connects to a board on a serial port. @throws {LinnetError} */
export async function connect(path: string, options?: ConnectOptions): Promise<Board> {
  return modules.board().connect(path, options);
}

/** Makes an image of a checkpoint. @throws {LinnetError} */
export async function quantize(
  model: string,
  options?: QuantizeOptions,
): Promise<{ image: Uint8Array; report: QuantizationReport }> {
  return modules.quantize().quantize(model, options);
}
