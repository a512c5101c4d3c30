/** How far a long step is: a bar on a terminal, some lines otherwise. Always on stderr. */
import { SingleBar } from 'cli-progress';
import type { Io } from './command.js';

/** Lines of progress are at least this far apart. */
const QUIET_MS = 1000;

export interface Progress {
  /** Any unit; `done` never goes back. */
  update(done: number, total: number): void;
  /** Removes the bar and shows the cursor again. Call it in `finally`. */
  stop(): void;
}

/** @param now milliseconds */
export function startProgress(io: Io, label: string, now = (): number => performance.now()): Progress {
  return io.err.isTTY ? bar(io, label) : milestones(io, label, now);
}

function bar(io: Io, label: string): Progress {
  const single = new SingleBar({
    format: `${label} {bar} {percentage}% ({eta_formatted} left)`,
    stream: io.err,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
    gracefulExit: false, // signals are process.ts's
  });
  let started = false;
  return {
    update: (done, total) => {
      if (!started) single.start(total, done);
      else single.update(done);
      started = true;
    },
    stop: () => single.stop(),
  };
}

function milestones(io: Io, label: string, now: () => number): Progress {
  let quarter = -1;
  let said = -Infinity;
  return {
    update: (done, total) => {
      const reached = total > 0 ? Math.min(4, Math.floor((4 * done) / total)) : 4;
      if (reached <= quarter || now() - said < QUIET_MS) return;
      quarter = reached;
      said = now();
      io.note(`${label}: ${reached * 25} %`);
    },
    stop: () => {},
  };
}
