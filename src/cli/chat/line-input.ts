/** Lines a person types, or that come through a pipe, one at a time. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Io } from '../command.js';

export interface LineInput {
  /** Shows the prompt and waits. Undefined at the end of input. */
  next(): Promise<string | undefined>;
  /** Called for Ctrl-C while no line is being waited for. */
  onInterrupt: () => void;
  readonly interactive: boolean;
  /** Puts the terminal back as it was. */
  close(): void;
}

/** Editing, history and a prompt if both ends are terminals; plain lines otherwise. */
export function openLineInput(io: Io, prompt: string): LineInput {
  return new ReadlineInput(io, prompt);
}

class ReadlineInput implements LineInput {
  readonly interactive: boolean;
  onInterrupt: () => void = () => undefined;
  private readonly readline: Interface;
  private readonly echo: Echo | undefined;
  private readonly lines: string[] = [];
  private ended = false;
  private wake: (() => void) | undefined;

  constructor(io: Io, prompt: string) {
    const screen = io.out.isTTY ? io.out : io.err;
    this.interactive = io.input.isTTY === true && screen.isTTY === true;
    this.echo = this.interactive ? new Echo(screen) : undefined;
    this.readline = createInterface({
      input: io.input,
      crlfDelay: Infinity,
      terminal: this.interactive,
      ...(this.echo && { output: this.echo, prompt, historySize: 1000, removeHistoryDuplicates: true }),
    });
    this.readline.on('line', (line) => {
      this.lines.push(line);
      this.wake?.();
    });
    this.readline.on('close', () => this.end());
    this.readline.on('SIGINT', () => (this.wake ? this.end() : this.onInterrupt()));
    io.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  async next(): Promise<string | undefined> {
    if (this.lines.length === 0 && !this.ended) {
      if (this.echo) {
        this.echo.muted = false;
        this.readline.prompt(true);
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
      // What is typed while an answer streams must not mix with it; it is shown with the next prompt.
      if (this.echo) this.echo.muted = true;
    }
    return this.lines.shift();
  }

  close(): void {
    this.readline.close();
    this.end();
  }

  private end(): void {
    if (!this.ended && this.wake && this.echo) this.echo.write('\n'); // what comes next is not part of the prompt
    this.ended = true;
    this.wake?.();
  }
}

/** The terminal as readline sees it, with a switch. */
class Echo extends Writable {
  muted = false;

  constructor(private readonly screen: NodeJS.WritableStream & { columns?: number; rows?: number }) {
    super();
    screen.on('resize', () => this.emit('resize'));
  }

  get columns(): number | undefined {
    return this.screen.columns;
  }

  get rows(): number | undefined {
    return this.screen.rows;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.muted) this.screen.write(chunk);
    done();
  }
}
