/** A model in any form: a checkpoint folder, an ONNX file, a model of the fastText project. */
import { basename, dirname, extname, resolve } from 'node:path';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { importCheckpoint } from './checkpoint.js';
import { importFastTextBin } from './fasttext-bin.js';
import { importOnnx, type ImportOnnxOptions } from './onnx/import.js';

export type ImportOptions = ImportOnnxOptions;

export function isOnnx(path: string): boolean {
  return extname(path).toLowerCase() === '.onnx';
}

/** .ftz: one that fastText quantized, to be refused for that. */
function isFastText(path: string): boolean {
  return ['.bin', '.ftz'].includes(extname(path).toLowerCase());
}

/** The folder a model's other files are in, and its name if nothing else names it. */
export function placeOf(path: string): { dir: string; name: string } {
  if (isOnnx(path) || isFastText(path)) return { dir: dirname(path), name: basename(path, extname(path)) };
  return { dir: path, name: basename(resolve(path)) };
}

/**
 * @param path a folder with config.json, model.safetensors and tokenizer.json, an .onnx file, or a .bin of fastText
 * @throws LinnetError see `importCheckpoint`, `importOnnx` and `importFastTextBin`
 */
export async function importModel(path: string, options: ImportOptions = {}): Promise<Graph> {
  if (isOnnx(path)) return importOnnx(path, options);
  if (options.tokenizer !== undefined)
    throw new LinnetError(
      'usage',
      'a tokenizer is given for a model that has its own',
      path,
      'give one for .onnx files only',
    );
  return isFastText(path) ? importFastTextBin(path) : importCheckpoint(path);
}
