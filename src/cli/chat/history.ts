/** Lines typed in earlier conversations, for the arrow keys: $LINNET_HOME/chat-history, a line each, newest last. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linnetHome } from '../../home.js';

export const MOST_LINES = 1000;

/** One that cannot be read or written is no reason not to chat. */
export class History {
  constructor(private readonly path = join(linnetHome(), 'chat-history')) {}

  /** Newest first, as readline wants them. */
  read(): string[] {
    try {
      return readFileSync(this.path, 'utf8').split('\n').filter(Boolean).slice(-MOST_LINES).reverse();
    } catch {
      return [];
    }
  }

  /** Keeps one more line. Reads the file again, for another conversation may have added to it. */
  add(line: string): void {
    if (line.trim() === '') return;
    const lines = [line, ...this.read().filter((old) => old !== line)].slice(0, MOST_LINES);
    const fresh = `${this.path}.${randomUUID()}.tmp`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(fresh, lines.reverse().join('\n') + '\n', { mode: 0o600 });
      renameSync(fresh, this.path);
    } catch {
      rmSync(fresh, { force: true });
    }
  }
}
