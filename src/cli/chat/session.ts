/** A conversation with a board: what a line means, and what is shown. */
import { randomInt } from 'node:crypto';
import { createColors } from 'picocolors';
import { LinnetError } from '../../errors.js';
import type { Board } from '../../link/board.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import { thousands } from '../table.js';
import { applySetting, SETTINGS, type Settings } from './settings.js';

export class ChatSession {
  /** The board has a state worth going on from. */
  private started = false;
  private readonly dim: (text: string) => string;

  constructor(
    private readonly io: Io,
    private readonly board: Board,
    private readonly settings: Settings,
  ) {
    this.dim = createColors(io.err.isTTY === true && !process.env['NO_COLOR']).dim;
  }

  greet(): void {
    const { facts, info, port } = this.board;
    this.note(`${facts.board} (firmware ${facts.firmware}) on ${port}`);
    this.note(
      `${info.name}: ${thousands(info.imageBytes)} bytes, ${thousands(info.ramBytes)} of ${thousands(facts.ramTotal)} bytes of RAM`,
    );
  }

  /** @returns false to end the conversation */
  async handle(line: string, signal: AbortSignal): Promise<boolean> {
    const command = /^\/(\w+)\s*(.*?)\s*$/.exec(line);
    if (!command) {
      await this.answer(line, signal);
      return true;
    }
    const [, name = '', value = ''] = command;
    if (name === 'quit' || name === 'exit') return false;
    if (name === 'help') this.help();
    else if (name === 'stats') await this.stats();
    else if (name === 'reset') this.reset();
    else this.note(applySetting(this.settings, name, value));
    return true;
  }

  private async answer(text: string, signal: AbortSignal): Promise<void> {
    if (this.board.info.kind === 'classifier') return this.classify(text);
    if (text === '' && !this.started) return;
    await this.generate(text, signal);
  }

  private async classify(text: string): Promise<void> {
    if (text.trim() === '') return;
    const { label, scores } = await this.board.classify(text);
    if (this.io.json) return this.io.emit({ text, label, scores });
    this.io.out.write(`${printable(label)} ${((scores[label] ?? 0) * 100).toFixed(1)} %\n`);
  }

  /** The answer goes on from all that was said before. */
  private async generate(prompt: string, signal: AbortSignal): Promise<void> {
    const { tokens: maxTokens, temperature, topK, seed = randomInt(2 ** 32) } = this.settings;
    const start = performance.now();
    let first = start;
    let tokens = 0;
    let text = '';
    try {
      const request = { maxTokens, temperature, topK, seed, keepState: this.started, signal };
      for await (const token of this.board.generate(prompt, request)) {
        if (tokens++ === 0) first = performance.now();
        text += token.text;
        this.started = true;
        if (this.io.json) this.io.emit({ type: 'token', id: token.id, text: token.text });
        else this.io.out.write(this.io.out.isTTY ? printable(token.text) : token.text);
      }
    } finally {
      if (!this.io.json && text !== '' && !text.endsWith('\n')) this.io.out.write('\n');
    }
    const now = performance.now();
    if (this.io.json) this.io.emit({ type: 'done', text, tokens, seconds: (now - start) / 1000, seed });
    // The first token also pays for the prompt, so the rate is that of the others.
    const rate = tokens > 1 ? `, ${(((tokens - 1) * 1000) / (now - first)).toFixed(0)} tokens/s` : '';
    this.note(`${tokens} tokens${rate}, first after ${(first - start).toFixed(0)} ms, seed ${seed}`);
  }

  private reset(): void {
    this.started = false;
    this.note('starting afresh');
  }

  private async stats(): Promise<void> {
    const { facts, info, line } = this.board;
    const stats = await this.board.stats();
    const ping = await this.board.ping();
    if (this.io.json) return this.io.emit({ type: 'stats', ...stats, pingMs: ping, line });
    this.greet();
    this.note(`image SHA-256 ${info.sha256}`);
    this.note(`${thousands(stats.tokens)} tokens in ${thousands(stats.requests)} requests since reset`);
    const { lastTicks, lastTokens } = stats;
    if (lastTokens > 0)
      this.note(
        `last request: ${thousands(lastTokens)} tokens, ${thousands(Math.round(lastTicks / lastTokens))} ticks each ` +
          `(${thousands(facts.ticksPerSecond)} ticks/s)`,
      );
    this.note(
      `line: echo in ${ping.toFixed(1)} ms, ${line.badFrames} + ${stats.badFrames} damaged frames, ` +
        `${stats.lostBytes} bytes lost, ${line.repetitions} repetitions`,
    );
  }

  private help(): void {
    if (this.board.info.kind === 'language_model') this.note('Type a text to go on from. An empty line: go on.');
    else this.note('Type a sentence to label.');
    for (const [name, { argument, help, show }] of Object.entries(SETTINGS))
      this.note(`  ${`/${name} ${argument}`.padEnd(20)} ${help} (now ${show(this.settings)})`);
    this.note(`  ${'/reset'.padEnd(20)} forget what was said`);
    this.note(`  ${'/stats'.padEnd(20)} what the board and the line have done`);
    this.note(`  ${'/quit'.padEnd(20)} or Ctrl-C, Ctrl-D`);
  }

  private note(line: string): void {
    this.io.note(this.dim(printable(line)));
  }
}

/** Errors after which the conversation can go on. */
export function isPassing(error: unknown): error is LinnetError {
  return error instanceof LinnetError && !['port_lost', 'no_answer', 'closed', 'no_model'].includes(error.code);
}
