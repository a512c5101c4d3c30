/** Hands out a checkpoint's tensors by name and shape, and knows which nobody asked for. */
import { LinnetError } from '../errors.js';
import type { Weight } from '../graph/graph.js';
import { toFloat32, type StoredTensor } from './safetensors.js';

export class Weights {
  private readonly unread: Set<string>;

  constructor(
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
    private readonly where: string,
  ) {
    this.unread = new Set(tensors.keys());
  }

  private error(what: string, name: string, remedy: string): LinnetError {
    return new LinnetError('bad_checkpoint', what, `${this.where}, tensor "${name}"`, remedy);
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** The tensor `name`, which must have this shape. */
  take(name: string, shape: readonly number[], remedy = 'export the checkpoint again with all tensors'): Weight {
    const tensor = this.tensors.get(name);
    const expected = `[${shape.join(', ')}]`;
    if (!tensor) throw this.error(`missing; expected shape ${expected}`, name, remedy);
    if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i]))
      throw this.error(
        `shape is [${tensor.shape.join(', ')}], expected ${expected}`,
        name,
        'make config.json and checkpoint agree',
      );
    this.unread.delete(name);
    return { name, shape, data: toFloat32(tensor, this.where) };
  }

  /** A bias, or zeros if the configuration's `flag` says that the layer has none. */
  bias(name: string, size: number, flag: string, present: boolean): Weight {
    if (present) return this.take(name, [size], `if the layer has no bias, set "${flag}": false in config.json`);
    return { name, shape: [size], data: new Float32Array(size) };
  }

  /** Drops a tensor that repeats another, and refuses it if it differs. */
  takeCopy(name: string, original: Weight): void {
    const copy = this.take(name, original.shape);
    const at = copy.data.findIndex((v, i) => v !== original.data[i]);
    if (at >= 0)
      throw this.error(
        `differs from "${original.name}" though they are tied`,
        name,
        'set "tie_word_embeddings": false in config.json',
      );
  }

  /** Drops a tensor that inference has no use for. */
  ignore(name: string): void {
    this.unread.delete(name);
  }

  /** An error about the values of a tensor. */
  refuse(name: string, what: string): LinnetError {
    return this.error(what, name, 'check the training run that made it');
  }

  /** To be called when every tensor was taken: what is left has no place in the model. */
  finish(): void {
    if (this.unread.size === 0) return;
    const names = [...this.unread].map((n) => `"${n}"`);
    const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
    throw new LinnetError(
      'bad_checkpoint',
      `unexpected tensors ${shown}`,
      this.where,
      'check "model_type" and the sizes in config.json',
    );
  }
}
