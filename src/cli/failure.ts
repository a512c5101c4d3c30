/** From an error to one line on stderr and an exit code. */
import { LinnetError } from '../errors.js';

/** Reason of the abort signal: the person or the system asked the program to stop. */
export class Interrupted extends Error {
  constructor(readonly signalName: 'SIGINT' | 'SIGTERM') {
    super(`stopped (${signalName})`);
  }
}

/** Reason of the abort signal: nobody reads our output any more (`linnet generate … | head`). */
export class OutputClosed extends Error {}

export interface Failure {
  readonly exitCode: number;
  /** Absent if there is nothing to say. */
  readonly line?: string;
}

/** Exit codes: 0 ok, 1 failure, 2 wrong usage, 130 interrupted. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof OutputClosed) return { exitCode: 0 };
  if (error instanceof Interrupted) return { exitCode: 130, line: oneLine(`linnet: ${error.message}`) };
  if (error instanceof LinnetError)
    return { exitCode: error.code === 'usage' ? 2 : 1, line: oneLine(`linnet: ${error.message}`) };
  const { message, place } = unexpected(error);
  return {
    exitCode: 1,
    line: oneLine(`linnet: internal error: ${message} (${place}): please report it, with the command line`),
  };
}

function unexpected(error: unknown): { message: string; place: string } {
  if (!(error instanceof Error)) return { message: String(error), place: 'unknown' };
  const frame = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  return { message: error.message, place: frame?.replace(/^ *at /, '').replace(/.*\(|\)$/g, '') ?? error.name };
}

/** Text from files and boards may hold anything; a message stays one printable line. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trimEnd();
}
