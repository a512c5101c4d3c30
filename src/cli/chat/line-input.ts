/**
 * What a person types, or what comes through a pipe, one text at a time. A text is a line, or several: a line that
 * ends in a backslash goes on on the next one, and what is pasted stays together until Enter.
 */
import { createInterface, type Interface, type Key } from 'node:readline';
import { Writable } from 'node:stream';
import type { Colours } from '../colours.js';
import type { Io } from '../command.js';
import { History, MOST_LINES } from './history.js';

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
export function openLineInput(io: Io, colours: Colours): LineInput {
  return new ReadlineInput(io, colours);
}

const PROMPT = '> ';
const CONTINUATION = '… ';
/** xterm's bracketed paste: the terminal marks where pasted text begins and ends. */
const PASTE_MARKS_ON = '\x1b[?2004h';
const PASTE_MARKS_OFF = '\x1b[?2004l';

class ReadlineInput implements LineInput {
  readonly interactive: boolean;
  onInterrupt: () => void = () => undefined;
  private readonly readline: Interface;
  private readonly echo: Echo | undefined;
  private readonly texts: string[] = [];
  /** Lines of a text that is not complete. */
  private parts: string[] = [];
  private pasting = false;
  private pasted = false;
  private ended = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly io: Io,
    private readonly colours: Colours,
  ) {
    const screen = io.out.isTTY ? io.out : io.err;
    this.interactive = io.input.isTTY === true && screen.isTTY === true;
    this.echo = this.interactive ? new Echo(screen) : undefined;
    const history = new History();
    this.readline = createInterface({
      input: io.input,
      crlfDelay: Infinity,
      terminal: this.interactive,
      ...(this.echo && {
        output: this.echo,
        history: history.read(),
        historySize: MOST_LINES,
        removeHistoryDuplicates: true,
      }),
    });
    this.readline.on('line', (line) => this.take(line));
    this.readline.on('close', () => this.end());
    this.readline.on('SIGINT', () => this.interrupt());
    if (this.echo) {
      this.readline.on('history', ([newest]: string[]) => newest !== undefined && history.add(newest));
      io.input.on('keypress', this.onKey);
      this.echo.write(PASTE_MARKS_ON);
    }
    io.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  async next(): Promise<string | undefined> {
    if (this.texts.length === 0 && !this.ended) {
      if (this.echo) this.echo.muted = false;
      this.prompt(true);
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
      // What is typed while an answer streams must not mix with it; it is shown with the next prompt.
      if (this.echo) this.echo.muted = true;
    }
    return this.texts.shift();
  }

  close(): void {
    this.readline.close();
    this.end();
  }

  private readonly onKey = (_text: string | undefined, { name }: Key): void => {
    if (name === 'paste-start') this.pasting = true;
    if (name === 'paste-end') this.pasting = false;
  };

  private take(line: string): void {
    if (this.pasting || line.endsWith('\\')) {
      this.parts.push(this.pasting ? line : line.slice(0, -1));
      this.pasted = this.pasting;
      return this.prompt(false);
    }
    // A copied line often has its end with it, and then comes an empty one.
    const lines = line === '' && this.pasted ? this.parts : [...this.parts, line];
    this.complete(lines.join('\n'));
  }

  private complete(text: string): void {
    this.parts = [];
    this.pasted = false;
    this.texts.push(text);
    this.wake?.();
  }

  /** @param keep the cursor stays where it is in what is typed already */
  private prompt(keep: boolean): void {
    if (!this.echo) return;
    const { dim, green } = this.colours;
    this.readline.setPrompt(this.parts.length > 0 ? dim(CONTINUATION) : green(PROMPT));
    this.readline.prompt(keep);
  }

  /** Ctrl-C stops an answer, or takes back what was typed, or ends. */
  private interrupt(): void {
    if (!this.wake) return this.onInterrupt();
    if (this.parts.length === 0 && this.readline.line === '') return this.close();
    this.parts = [];
    this.readline.write(null, { ctrl: true, name: 'e' });
    this.readline.write(null, { ctrl: true, name: 'u' });
    this.prompt(false);
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.echo) {
      this.io.input.off('keypress', this.onKey);
      if (this.wake) this.echo.write('\n'); // what comes next is not part of the prompt
      this.echo.muted = false;
      this.echo.write(PASTE_MARKS_OFF);
    }
    if (this.parts.length > 0) this.complete(this.parts.join('\n'));
    else this.wake?.();
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
