/** Parts of tokenizer.json that all models share. */
import { LinnetError } from '../errors.js';
import { LIMITS } from '../schema/image.js';
import { compareBytes } from './bytes.js';

export type Step = Readonly<Record<string, unknown>> & { readonly type: string };

export interface TokenizerJson {
  readonly where: string;
  readonly model: Readonly<Record<string, unknown>>;
  /** Sequences flattened. */
  readonly normalizers: readonly Step[];
  readonly preTokenizers: readonly Step[];
  readonly decoders: readonly Step[];
  /** By id. */
  readonly names: readonly string[];
  readonly idOf: ReadonlyMap<string, number>;
  /** Ids that stand for no text. */
  readonly special: ReadonlySet<number>;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function bad(what: string, where: string): LinnetError {
  return new LinnetError('bad_checkpoint', `tokenizer is malformed: ${what}`, where, 'export it again');
}

export function unsupported(what: string, where: string, remedy: string): LinnetError {
  return new LinnetError('unsupported_model', `tokenizer uses ${what}, which Linnet cannot run`, where, remedy);
}

/** The steps of a normalizer, pre-tokenizer or decoder: none, one, or those of a Sequence. */
export function steps(value: unknown, list: string, where: string): Step[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value) || typeof value.type !== 'string') throw bad('a step has no "type"', where);
  if (value.type !== 'Sequence') return [value as Step];
  const inner = value[list];
  if (!Array.isArray(inner)) throw bad(`a Sequence has no "${list}"`, where);
  return inner.flatMap((step) => steps(step, list, where));
}

/** Refuses tokens that an image has no room for. */
export function checkLengths(tokens: readonly Uint8Array[], names: readonly string[], where: string): void {
  const long = tokens.findIndex((t) => t.length > LIMITS.max_text_bytes);
  if (long >= 0)
    throw unsupported(
      `token ${JSON.stringify(names[long]!.slice(0, 20))}… of ${tokens[long]!.length} bytes`,
      where,
      `use tokens of at most ${LIMITS.max_text_bytes} bytes`,
    );
}

/** Ids by ascending bytes. */
export function sortByBytes(ids: readonly number[], tokens: readonly Uint8Array[]): number[] {
  return [...ids].sort((a, b) => compareBytes(tokens[a]!, tokens[b]!));
}
