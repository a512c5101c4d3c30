/** How answers of several boards are shown while they come: columns on a terminal, a block each elsewhere. */
import { coloursFor } from '../colours.js';
import type { Io } from '../command.js';
import { layOut, type Column } from './columns.js';

export interface ChorusDisplay {
  /** There is more. */
  update(columns: readonly Column[]): void;
  /** That was all. */
  finish(columns: readonly Column[]): void;
}

export function openDisplay(io: Io): ChorusDisplay {
  if (io.json) return { update: () => undefined, finish: () => undefined };
  return io.out.isTTY ? new LiveColumns(io) : new Blocks(io);
}

/** One block a board, in their order; the first that is not complete streams. */
class Blocks implements ChorusDisplay {
  private block = 0;
  private shown = -1;

  constructor(private readonly io: Io) {}

  update(columns: readonly Column[]): void {
    for (let column = columns[this.block]; column; column = columns[this.block]) {
      const { title, text, ending } = column;
      if (this.shown < 0) this.io.out.write(`${title}:\n`);
      this.io.out.write(text.slice(Math.max(0, this.shown)));
      this.shown = text.length;
      if (ending === undefined) return;
      this.io.out.write(`${text === '' || text.endsWith('\n') ? '' : '\n'}(${ending})\n\n`);
      this.block++;
      this.shown = -1;
    }
  }

  finish(columns: readonly Column[]): void {
    this.update(columns);
  }
}

/** Between two pictures, ms. */
const FRAME_MS = 40;

/** Drawn over and over, as far as the screen is high; at the end in full. */
class LiveColumns implements ChorusDisplay {
  private drawn = 0;
  private drawnAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private latest: readonly Column[] = [];

  constructor(private readonly io: Io) {}

  update(columns: readonly Column[]): void {
    this.latest = columns;
    const wait = this.drawnAt + FRAME_MS - performance.now();
    if (wait > 0) this.timer ??= setTimeout(() => this.draw(this.screen.rows), wait);
    else this.draw(this.screen.rows);
  }

  finish(columns: readonly Column[]): void {
    this.latest = columns;
    this.draw(undefined);
  }

  private get screen(): { columns: number; rows: number } {
    const { columns = 80, rows = 24 } = this.io.out as { columns?: number; rows?: number };
    return { columns, rows };
  }

  private draw(rows: number | undefined): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drawnAt = performance.now();
    const { bold, dim } = coloursFor(this.io.out);
    // One column less than there are, for a line that fills the last one may take two.
    const lines = layOut(this.latest, this.screen.columns - 1, { title: bold, ending: dim }, rows && rows - 1);
    const back = this.drawn > 0 ? `\x1b[${this.drawn}A` : '';
    this.io.out.write(`${back}\r\x1b[J${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }
}
