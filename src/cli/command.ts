/** What a command file exports; `main.ts` lists them, parses, runs one, prints errors, sets the exit code. */
import type { Command } from 'commander';

/** The world a command may touch. Results go to `out`, everything else to `err`. */
export interface Io {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** --json: one object, or lines of objects, on `out`. */
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM; commands finish cleanly when it is. */
  readonly signal: AbortSignal;
  /** Writes one JSON line to `out`. */
  emit(value: unknown): void;
  /** Writes a line of prose to `err`. */
  note(line: string): void;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** A command line that works, shown by --help. */
  readonly example: string;
  /** Declares arguments and options on commander's command. */
  configure(command: Command): void;
  /** @param args the declared arguments, then nothing; @param options commander's option values */
  run(
    io: Io,
    args: readonly (string | readonly string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<void>;
}

export function defineCommand(spec: CommandSpec): CommandSpec {
  return spec;
}
