/** How the next answer is sampled, and the slash commands that change it. */
import { LinnetError } from '../../errors.js';
import { decimal, integer } from '../options.js';

export interface Settings {
  /** Undefined: another one each time. */
  seed: number | undefined;
  temperature: number;
  topK: number;
  tokens: number;
}

interface Setting {
  readonly argument: string;
  readonly help: string;
  set(settings: Settings, value: string): void;
  show(settings: Settings): string;
}

const wholeSeed = integer('/seed', 0, 2 ** 32 - 1);
const temperature = decimal('/temp', 0, 15.99);
const topK = integer('/topk', 0, 128);
const tokens = integer('/tokens', 1, 1_000_000);

export const SETTINGS: Readonly<Record<string, Setting>> = {
  seed: {
    argument: '<n>|random',
    help: 'the same seed gives the same text',
    set: (settings, value) => (settings.seed = value === 'random' ? undefined : wholeSeed(value)),
    show: (settings) => String(settings.seed ?? 'random'),
  },
  temp: {
    argument: '<x>',
    help: 'temperature; 0: always the likeliest token',
    set: (settings, value) => (settings.temperature = temperature(value)),
    show: (settings) => String(settings.temperature),
  },
  topk: {
    argument: '<n>',
    help: 'sample among the n likeliest tokens; 0: all',
    set: (settings, value) => (settings.topK = topK(value)),
    show: (settings) => String(settings.topK),
  },
  tokens: {
    argument: '<n>',
    help: 'length of an answer',
    set: (settings, value) => (settings.tokens = tokens(value)),
    show: (settings) => String(settings.tokens),
  },
};

/** Applies "/name value". @returns what it is now @throws LinnetError usage */
export function applySetting(settings: Settings, name: string, value: string): string {
  const setting = SETTINGS[name];
  if (!setting) throw new LinnetError('usage', `unknown command "/${name}"`, 'chat', '/help lists them');
  if (value !== '') setting.set(settings, value);
  return `${name} ${setting.show(settings)}`;
}
