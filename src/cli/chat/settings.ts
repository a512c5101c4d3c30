/** How the next answer is sampled, and the slash commands that change it. */
import { decimal, integer } from '../options.js';
import type { ChatCommand, ChatCommands } from './commands.js';

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

const SETTINGS: Readonly<Record<string, Setting>> = {
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

/** The commands that show and change `settings`. @param note says what is now */
export function settingCommands(settings: Settings, note: (line: string) => void): ChatCommands {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]): [string, ChatCommand] => [
      name,
      {
        argument: setting.argument,
        get help() {
          return `${setting.help} (now ${setting.show(settings)})`;
        },
        run: (value) => {
          if (value !== '') setting.set(settings, value);
          note(`${name} ${setting.show(settings)}`);
        },
      },
    ]),
  );
}
