/**
 * npx tsx scripts/bench/boards.ts [board…]: what the kernels cost on emulated boards whose ticks are instructions, as
 * one JSON object. Build their firmware first.
 */
import { findBoard, knownBoards } from '../../src/boards/registry.js';
import { measureBoard } from '../../src/bench/board-kernels.js';

async function main(names: string[]): Promise<void> {
  const boards =
    names.length > 0 ? names.map(findBoard) : knownBoards().filter(({ ticks }) => ticks === 'instructions');
  const measured: Record<string, unknown> = {};
  for (const board of boards) {
    const { kernels, ram } = await measureBoard(board);
    measured[board.name] = { ...kernels, ram };
  }
  console.log(JSON.stringify({ boards: measured }, undefined, 2));
}

void main(process.argv.slice(2));
