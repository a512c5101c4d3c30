/** What generating takes of a board's memory: from the linked firmware, the model's plan, and a run in the emulator. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBytes } from '../boards/emulated-flash.js';
import { PACKAGE_ROOT, type BoardSpec } from '../boards/registry.js';
import { openImage } from '../image/read.js';
import { workspaceBytes } from '../image/workspace.js';
import { connect } from '../link/board.js';
import { needOn } from '../report/summary.js';
import { firmwareSize } from './firmware-size.js';
import { startPainted } from './painted-ram.js';
import type { BoardMemory, BoardRam } from './results.js';

/** Shipped models to measure with: two LSTMs of 200 with 10,000 words, and one that fits everywhere. */
const MODELS = ['ptb-lm', 'tiny-lm'];
const TOKENS = 4;

/** Exact, without a run: what the build linked and what the image says. @throws LinnetError file_not_found */
export async function ramToGenerate(
  board: BoardSpec,
  image: Uint8Array,
): Promise<Omit<BoardRam, 'stack_used' | 'stack_bytes'>> {
  const { buffers } = await firmwareSize(board, 'firmware');
  const model = openImage(image, board.name);
  const { state_bytes: state, scratch_bytes: scratch } = model.header;
  const workspace = workspaceBytes(model, board.layout ?? 'row_major');
  return { state, scratch, workspace, buffers, total: state + scratch + workspace + buffers };
}

/**
 * @param models by name; those that do not fit the board are left out
 * @throws LinnetError of firmwareSize, startEmulator, connect
 */
export async function measureMemory(
  board: BoardSpec,
  models: Readonly<Record<string, Uint8Array>>,
): Promise<BoardMemory> {
  const [firmware, minimal] = await Promise.all([firmwareSize(board, 'firmware'), firmwareSize(board, 'minimal')]);
  const ram: Record<string, BoardRam> = {};
  for (const [name, image] of Object.entries(models)) {
    if (!needOn(board, openImage(image, name)).fits) continue;
    const { used, size } = await stackToGenerate(board, image);
    ram[name] = { ...(await ramToGenerate(board, image)), stack_used: used, stack_bytes: size };
  }
  return { code: { firmware: firmware.flash, minimal: minimal.flash }, ram };
}

/** The models that benchBoards measures memory with, by name. */
export async function memoryModels(): Promise<Record<string, Uint8Array>> {
  const images = MODELS.map(
    async (name) => [name, await readFile(join(PACKAGE_ROOT, 'models', name, `${name}.linnet`))] as const,
  );
  return Object.fromEntries(await Promise.all(images));
}

/** From start, through the link, prompt and sampling among the likeliest. */
async function stackToGenerate(board: BoardSpec, image: Uint8Array): Promise<{ used: number; size: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'linnet-ram-'));
  const file = join(folder, 'memory.bin');
  try {
    await writeFile(file, await memoryBytes(board, image));
    const painted = await startPainted(board, file, folder);
    try {
      const link = await connect(painted.emulator.port);
      for await (const _ of link.generate('the house', { maxTokens: TOKENS, temperature: 0.8, topK: 40, seed: 1 }));
      await link.close();
      return await painted.stack();
    } finally {
      await painted.emulator.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
