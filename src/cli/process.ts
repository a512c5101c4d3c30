/** The program in its process: signals, broken pipes, the exit code. The only file that ends the process. */
import type { CommandSpec } from './command.js';
import { LinnetError } from '../errors.js';
import { describeFailure, Interrupted, OutputClosed } from './failure.js';
import { runProgram } from './program.js';

/** A command that does not end by itself this long after Ctrl-C is ended. */
const GRACE_MS = 5000;

export async function runProcess(
  commands: readonly CommandSpec[],
  argv: readonly string[],
  bin?: string,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (stop.signal.aborted) return die(name); // the second time, at once
      stop.abort(new Interrupted(name));
      setTimeout(() => die(name), GRACE_MS).unref();
    });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => stop.abort(outputFailure(error)));
  process.stderr.on('error', () => {}); // nowhere left to say it
  const crash = (error: unknown): void => {
    const { line } = describeFailure(error);
    if (line !== undefined) process.stderr.write(line + '\n');
    if (process.env['LINNET_DEBUG'] && error instanceof Error) process.stderr.write(error.stack + '\n');
    exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const world = { out: process.stdout, err: process.stderr, input: process.stdin, signal: stop.signal };
  exit(await runProgram(commands, argv, world, bin));
}

function outputFailure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new OutputClosed();
  return new LinnetError(
    'file_unwritable',
    `cannot write the output (${error.code})`,
    'stdout',
    'free some space or write elsewhere',
  );
}

function exit(code: number): never {
  restoreTerminal();
  process.exit(code);
}

/** Ends the process by the signal itself: process.exit() would wait for a thread that is stuck. */
function die(signalName: NodeJS.Signals): void {
  restoreTerminal();
  process.removeAllListeners(signalName);
  process.kill(process.pid, signalName);
}

/** Leaves the terminal as it was found. */
function restoreTerminal(): void {
  if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
}
