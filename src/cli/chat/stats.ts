/** `/stats`: what the board and the line have done. */
import type { Board, BoardStats } from '../../link/board.js';
import { thousands } from '../table.js';

export interface Counts {
  readonly stats: BoardStats;
  /** Round trip of an echo, ms. */
  readonly pingMs: number;
  readonly line: Board['line'];
}

export async function countBoard(board: Board): Promise<Counts> {
  const stats = await board.stats();
  return { stats, pingMs: await board.ping(), line: board.line };
}

export function describeCounts({ info, facts }: Board, { stats, pingMs, line }: Counts): string[] {
  const { lastTicks, lastTokens } = stats;
  const each = thousands(Math.round(lastTicks / lastTokens));
  const rate = `(${thousands(facts.ticksPerSecond)} ticks/s)`;
  return [
    `image SHA-256 ${info.sha256}`,
    `${thousands(stats.tokens)} tokens in ${thousands(stats.requests)} requests since reset`,
    ...(lastTokens > 0 ? [`last request: ${thousands(lastTokens)} tokens, ${each} ticks each ${rate}`] : []),
    `line: echo in ${pingMs.toFixed(1)} ms, ${line.badFrames} + ${stats.badFrames} damaged frames, ` +
      `${stats.lostBytes} bytes lost, ${line.repetitions} repetitions`,
  ];
}
