/** Options of `generate` checked and turned into the integers the engines take. */
import { LinnetError } from '../errors.js';
import { modules } from '../modules.js';
import type { GenerateOptions } from '../model.js';
import { LIMITS } from '../schema/image.js';

export const MAX_GENERATED = 1_000_000;
const TEMPERATURE_ONE = 4096;
const MAX_TEMPERATURE = 15.99;
const MAX_SEED = 2 ** 32 - 1;

export interface SamplingPlan {
  readonly maxTokens: number;
  /** temperature · 4096, rounded; 0: greedy */
  readonly temperatureQ12: number;
  readonly topK: number;
  readonly seed: number;
  readonly keepState: boolean;
  readonly signal?: AbortSignal;
}

const KNOWN = ['maxTokens', 'temperature', 'topK', 'seed', 'keepState', 'signal'];

/** @throws {LinnetError} bad_parameter */
export function planSampling(options: GenerateOptions = {}): SamplingPlan {
  if (typeof options !== 'object' || options === null) throw unexpected('options', 'an object', options);
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name)) throw unexpected(name, `one of ${KNOWN.join(', ')}`, name);
  const { maxTokens = 64, temperature = 0.8, topK = 40, keepState = false, signal } = options;
  if (typeof temperature !== 'number' || !(temperature >= 0 && temperature <= MAX_TEMPERATURE))
    throw unexpected('temperature', `a number from 0 to ${MAX_TEMPERATURE}`, temperature);
  if (typeof keepState !== 'boolean') throw unexpected('keepState', 'a boolean', keepState);
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== 'function')
    throw unexpected('signal', 'an AbortSignal', signal);
  return {
    maxTokens: whole('maxTokens', maxTokens, 1, MAX_GENERATED),
    temperatureQ12: Math.round(temperature * TEMPERATURE_ONE),
    topK: whole('topK', topK, 0, LIMITS.max_top_k),
    seed: whole('seed', options.seed ?? modules.crypto().randomInt(2 ** 32), 0, MAX_SEED),
    keepState,
    signal,
  };
}

/** @throws {LinnetError} bad_parameter */
export function expectText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw unexpected(name, 'a string', value);
}

function whole(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw unexpected(name, `a whole number from ${min} to ${max}`, value);
  return value;
}

function unexpected(name: string, expected: string, received: unknown): LinnetError {
  const shown = typeof received === 'string' ? JSON.stringify(received.slice(0, 40)) : String(received);
  return new LinnetError('bad_parameter', `expected ${expected} but received ${shown}`, name, 'correct it');
}
