/** The public API. docs/api.md describes it. */
export { load, type LoadOptions, type LocalModel } from './engine/load.js';
export { NativeModel } from './engine/native.js';
export { nativeFloatKernels } from './engine/native-addon.js';
export { LinnetError, type ErrorCode } from './errors.js';
export { Board, connect, type BoardStats, type ConnectOptions } from './link/board.js';
export type { UploadOptions, UploadReport } from './link/upload.js';
export type { Classification, GenerateOptions, ModelInfo, Score, TextModel, Token } from './model.js';
export { quantize, type QuantizationReport, type QuantizeOptions } from './quantize/index.js';
