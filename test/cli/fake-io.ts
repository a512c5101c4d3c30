/** A world of buffers to run the command line in. */
import { PassThrough, Writable } from 'node:stream';
import type { CommandSpec } from '../../src/cli/command.js';
import { runProgram } from '../../src/cli/program.js';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the program in this process. `input` is what standard input holds. */
export async function runIn(
  commands: readonly CommandSpec[],
  argv: readonly string[],
  {
    input = '',
    signal = new AbortController().signal,
    bin,
  }: { input?: string; signal?: AbortSignal; bin?: string } = {},
): Promise<Run> {
  const out = new Sink();
  const err = new Sink();
  const stdin = new PassThrough();
  stdin.end(input);
  const code = await runProgram(commands, argv, { out, err, input: stdin, signal }, bin);
  return { code, out: out.text, err: err.text };
}

/** The one line a failure prints: `linnet: <what> (<where>)[: <how to mend>]`. */
export const ONE_LINE = /^linnet: [^\n]+ \([^\n]+\)(: [^\n]+)?\n$/;
