/** Instruction counts and memory of all boards whose emulator counts instructions. */
import { knownBoards, type BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { measureBoard } from './board-kernels.js';
import { measureMemory, memoryModels } from './board-memory.js';
import type { BoardCount, BoardMemory, Results } from './results.js';

export interface BoardsBenchOptions {
  readonly onBoard: (board: BoardSpec) => void;
  /** A board whose emulator or bench firmware is not there. */
  readonly onMissing: (error: LinnetError) => void;
  readonly signal: AbortSignal;
}

/** @throws LinnetError of measureBoard and measureMemory; the signal's reason */
export async function benchBoards({
  onBoard,
  onMissing,
  signal,
}: BoardsBenchOptions): Promise<Pick<Results, 'boards' | 'memory'>> {
  const boards: Record<string, Readonly<Record<string, BoardCount>>> = {};
  const memory: Record<string, BoardMemory> = {};
  const models = await memoryModels();
  for (const board of knownBoards().filter(({ ticks, emulator }) => emulator && ticks === 'instructions')) {
    signal.throwIfAborted();
    onBoard(board);
    try {
      boards[board.name] = (await measureBoard(board)).kernels;
      memory[board.name] = await measureMemory(board, models);
    } catch (error) {
      if (!(error instanceof LinnetError && MISSING.has(error.code))) throw error;
      onMissing(error);
    }
  }
  return { boards, memory };
}

const MISSING: ReadonlySet<string> = new Set(['file_not_found', 'tool_missing']);
