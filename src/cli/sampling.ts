/** The options of every command that generates text. */
import type { Command } from 'commander';
import { decimal, integer } from './options.js';

export interface SamplingOptions {
  readonly tokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly seed?: number;
}

export function declareSamplingOptions(command: Command): void {
  command
    .option('-n, --tokens <n>', 'tokens to generate at most', integer('--tokens', 1, 1_000_000), 64)
    .option(
      '-t, --temperature <x>',
      'above 1 wilder, below 1 tamer, 0 always the likeliest',
      decimal('--temperature', 0, 15.99),
      0.8,
    )
    .option('-k, --top-k <n>', 'sample among the n likeliest tokens, 0: all', integer('--top-k', 0, 128), 40)
    .option(
      '-s, --seed <n>',
      'the same seed gives the same text everywhere (default: random)',
      integer('--seed', 0, 2 ** 32 - 1),
    );
}
