/** A model in either form: a checkpoint folder or an ONNX file. */
import { basename, dirname, extname, resolve } from 'node:path';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { importCheckpoint } from './checkpoint.js';
import { importOnnx, type ImportOnnxOptions } from './onnx/import.js';

export type ImportOptions = ImportOnnxOptions;

export function isOnnx(path: string): boolean {
  return extname(path).toLowerCase() === '.onnx';
}

/** The folder a model's other files are in, and its name if nothing else names it. */
export function placeOf(path: string): { dir: string; name: string } {
  if (isOnnx(path)) return { dir: dirname(path), name: basename(path, extname(path)) };
  return { dir: path, name: basename(resolve(path)) };
}

/**
 * @param path a folder with config.json, model.safetensors and tokenizer.json, or an .onnx file
 * @throws LinnetError see `importCheckpoint` and `importOnnx`
 */
export async function importModel(path: string, options: ImportOptions = {}): Promise<Graph> {
  if (isOnnx(path)) return importOnnx(path, options);
  if (options.tokenizer !== undefined)
    throw new LinnetError(
      'usage',
      'a tokenizer is given for a folder, which has its own',
      path,
      'give one for .onnx files only',
    );
  return importCheckpoint(path);
}
