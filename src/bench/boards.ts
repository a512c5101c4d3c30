/** Instruction counts of all boards whose emulator counts them. */
import { knownBoards, type BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { measureBoard } from './board-kernels.js';
import type { BoardCount, Boards } from './results.js';

export interface BoardsBenchOptions {
  readonly onBoard: (board: BoardSpec) => void;
  /** A board whose emulator or bench firmware is not there. */
  readonly onMissing: (error: LinnetError) => void;
  readonly signal: AbortSignal;
}

/** @throws LinnetError of measureBoard; the signal's reason */
export async function benchBoards({ onBoard, onMissing, signal }: BoardsBenchOptions): Promise<Boards> {
  const counts: Record<string, Readonly<Record<string, BoardCount>>> = {};
  for (const board of knownBoards().filter(({ ticks, emulator }) => emulator && ticks === 'instructions')) {
    signal.throwIfAborted();
    onBoard(board);
    try {
      counts[board.name] = (await measureBoard(board)).kernels;
    } catch (error) {
      if (!(error instanceof LinnetError && MISSING.has(error.code))) throw error;
      onMissing(error);
    }
  }
  return counts;
}

const MISSING: ReadonlySet<string> = new Set(['file_not_found', 'tool_missing']);
