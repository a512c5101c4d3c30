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
import { languageModel, LM } from './cases/language-model.js';
import { firmwareSize } from './firmware-size.js';
import { startPainted } from './painted-ram.js';
import type { BoardMemory, BoardRam } from './results.js';

/** The model of the acceptance table, as it is quantized for everybody. */
export const LM_NAME = `lm_${LM.layers}x${LM.hiddenSize}_${LM.vocabSize}`;
const SHIPPED = 'tiny-lm';
/** Its ranges are of no matter here. */
const CALIBRATION_TOKENS = 10;
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

/** A language model of random weights with LM's shape. */
export async function acceptanceModel(): Promise<Uint8Array> {
  return (await languageModel(LM, CALIBRATION_TOKENS)).image;
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
  const shipped = await readFile(join(PACKAGE_ROOT, 'models', SHIPPED, `${SHIPPED}.linnet`));
  return { [LM_NAME]: await acceptanceModel(), [SHIPPED]: shipped };
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
