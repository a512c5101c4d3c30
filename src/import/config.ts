/** Typed access to config.json: every field is checked as it is read. */
import { LinnetError } from '../errors.js';

export interface Bounds {
  readonly min: number;
  /** What this version supports: beyond it the model is refused as unsupported, not as malformed. */
  readonly max: number;
}

export class Config {
  private readonly values: Readonly<Record<string, unknown>>;

  /**
   * @param json the parsed file
   * @param where its name, for messages
   */
  constructor(
    json: unknown,
    readonly where: string,
  ) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new LinnetError('bad_checkpoint', 'not a JSON object', where, 'see models/*/config.json for examples');
    this.values = json as Record<string, unknown>;
  }

  /** Absent and null are the same: Hugging Face writes both. */
  private get(name: string): unknown {
    return Object.hasOwn(this.values, name) ? (this.values[name] ?? undefined) : undefined;
  }

  private require<T>(name: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new LinnetError('bad_checkpoint', `field "${name}" is missing`, this.where, 'add it');
  }

  private wrongType(name: string, expected: string): LinnetError {
    const shown = JSON.stringify(this.get(name)).slice(0, 60);
    return new LinnetError('bad_checkpoint', `field "${name}" is ${shown}`, this.where, `it must be ${expected}`);
  }

  /** Refuses the model for what this version can't do. */
  unsupported(what: string, remedy: string): LinnetError {
    return new LinnetError('unsupported_model', what, this.where, remedy);
  }

  optionalInteger(name: string, bounds: Bounds): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < bounds.min)
      throw this.wrongType(name, `an integer, at least ${bounds.min}`);
    if (value > bounds.max)
      throw this.unsupported(`field "${name}" is ${value}`, `the most this version supports is ${bounds.max}`);
    return value;
  }

  integer(name: string, bounds: Bounds): number {
    return this.require(name, this.optionalInteger(name, bounds));
  }

  /** A number above 0. */
  positive(name: string, fallback: number): number {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'number' || !(value > 0)) throw this.wrongType(name, 'a number above 0');
    return value;
  }

  integers(name: string, bounds: Bounds): number[] {
    return this.require(name, this.optionalIntegers(name, bounds));
  }

  optionalIntegers(name: string, bounds: Bounds): number[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length === 0 || !value.every((n) => Number.isInteger(n) && n >= bounds.min))
      throw this.wrongType(name, `a list of integers, each at least ${bounds.min}`);
    const large = value.find((n) => n > bounds.max);
    if (large !== undefined)
      throw this.unsupported(`field "${name}" holds ${large}`, `the most this version supports is ${bounds.max}`);
    return value as number[];
  }

  /** An id below `vocabSize`. */
  optionalTokenId(name: string, vocabSize: number): number | undefined {
    const value = this.optionalInteger(name, { min: 0, max: Infinity });
    if (value === undefined || value < vocabSize) return value;
    throw this.wrongType(name, `a token id, below vocab_size ${vocabSize}`);
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || isText(value)) return value;
    throw this.wrongType(name, 'a string without control characters');
  }

  text(name: string): string {
    return this.require(name, this.optionalText(name));
  }

  texts(name: string): string[] {
    return this.require(name, this.optionalTexts(name));
  }

  /** Distinct, none empty. */
  optionalTexts(name: string): string[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const fine = Array.isArray(value) && value.length > 0 && value.every((v) => isText(v) && v !== '');
    if (!fine || new Set(value).size < value.length) throw this.wrongType(name, 'a list of distinct names');
    return value as string[];
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'boolean') throw this.wrongType(name, 'true or false');
    return value;
  }

  /** One of `allowed`; anything else, well-typed, is an unsupported model. */
  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.optionalText(name) ?? fallback;
    if ((allowed as readonly string[]).includes(value)) return value as T;
    throw this.unsupported(`field "${name}" is "${value}"`, `this version supports ${allowed.join(', ')}`);
  }
}

/** Names end up NUL-terminated in the image and on terminals. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Cc}/u.test(value);
}
