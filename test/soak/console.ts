/** A person at the board's console, on a line that a program uses too. */
import type { Transport } from '../../src/link/transport.js';

const PROMPT = '\r\n> ';
const PATIENCE_MS = 20_000;

export class TypedConsole {
  private seen = '';
  private wake: () => void = () => undefined;

  /** What the board writes outside frames. */
  readonly hear = (text: string): void => {
    this.seen += text;
    this.wake();
  };

  constructor(private readonly line: Pick<Transport, 'write'>) {}

  /** Types a line. @returns what is written from then until the next prompt, echo first @throws Error, if none comes */
  async ask(line: string): Promise<string> {
    this.seen = '';
    this.line.write(Buffer.from(`${line}\r`));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no prompt after ${JSON.stringify(this.seen)}`)), PATIENCE_MS);
    });
    try {
      while (!this.seen.endsWith(PROMPT))
        await Promise.race([new Promise<void>((resolve) => (this.wake = resolve)), late]);
    } finally {
      clearTimeout(timer);
    }
    return this.seen.slice(0, -PROMPT.length);
  }
}
