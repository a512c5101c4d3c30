/** Flashing an STM32 through its ROM: erase, write, read back, and what starts the board comes last. */
import type { Stm32Rom } from '../../boards/registry.js';
import { LinnetError } from '../../errors.js';
import type { Transport } from '../../link/transport.js';
import type { FlashStep, OnFlashProgress } from '../progress.js';
import { ERASED, type Segment } from '../segments.js';
import { Line } from './line.js';
import { BLOCK_BYTES, hex, Stm32RomLoader } from './rom.js';
import { sectorMap, sectorsOf, type Sector } from './sectors.js';

/** Readings of a block before it counts as wrong: the protocol has no checksum on what is read. */
const READS = 3;
/** Whole runs. A checksum of 8 bits lets a damaged block pass now and then, which reading back finds. */
const RUNS = 2;
const ERASED_BLOCK = new Uint8Array(BLOCK_BYTES).fill(ERASED);

export interface Stm32Options {
  readonly onProgress?: OnFlashProgress;
  readonly signal?: AbortSignal;
}

/**
 * Writes segments and starts the first of them. If it ends early, in whatever way, the first block, where the vector
 * table lies, is erased: the board starts nothing until it is flashed again.
 * @param transport with even parity, to a chip in its boot mode
 * @throws LinnetError no_boot_loader, wrong_board, flash_protected, flash_failed, port_lost
 */
export async function programStm32(
  transport: Transport,
  rom: Stm32Rom,
  segments: readonly Segment[],
  { onProgress = () => undefined, signal }: Stm32Options = {},
): Promise<void> {
  const line = new Line(transport, signal);
  const loader = await Stm32RomLoader.enter(line);
  if (loader.productId !== Number(rom.product_id))
    throw new LinnetError(
      'wrong_board',
      `the chip has product id ${hex(loader.productId)}, not ${rom.product_id}`,
      line.name,
      'name the board it is on ("linnet boards" lists them)',
    );
  await loader.read(segments[0]!.address, 4); // a protected chip refuses, before anything is lost
  try {
    await program(loader, rom, segments, onProgress);
  } catch (error) {
    throw error instanceof LinnetError && error.code === 'flash_protected' ? error : halfFlashed(error);
  }
  await loader.go(segments[0]!.address);
}

async function program(
  loader: Stm32RomLoader,
  rom: Stm32Rom,
  segments: readonly Segment[],
  onProgress: OnFlashProgress,
): Promise<void> {
  const [first, ...rest] = segments.flatMap(blocksOf);
  const notErased = rest.filter(({ bytes }) => !isErased(bytes));
  const sectors = sectorsOf(sectorMap(first!.address, rom.sectors), segments);
  for (let run = 1; ; run++) {
    await each('erase', sectors, onProgress, async (sector) => {
      await loader.erase(sector.index, sector.bytes);
      if (sector === sectors[0] && !(await holds(loader, { ...first!, bytes: ERASED_BLOCK })))
        throw protectedSector(sector);
    });
    try {
      await each('write', notErased, onProgress, ({ address, bytes }) => loader.write(address, bytes));
    } catch (error) {
      // Flash with ECC takes nothing twice: where an acknowledgement was lost, only erasing helps.
      if (run === RUNS || !(error instanceof LinnetError && error.code === 'flash_failed')) throw error;
      continue;
    }
    let wrong: Segment | undefined;
    await each('verify', [...rest, first!], onProgress, async (block) => {
      if (wrong) return;
      if (block === first) await loader.write(block.address, block.bytes);
      if (!(await holds(loader, block))) wrong = block;
    });
    if (!wrong) return;
    if (run === RUNS)
      throw new LinnetError(
        'flash_failed',
        `flash at ${hex(wrong.address)} reads back otherwise than it was written`,
        'flash',
        'lift a write protection ("stm32flash -u"), or take another board: this flash may be worn out',
      );
  }
}

async function holds(loader: Stm32RomLoader, { address, bytes }: Segment): Promise<boolean> {
  for (let i = 0; i < READS; i++)
    if (Buffer.compare(await loader.read(address, bytes.length), bytes) === 0) return true;
  return false;
}

async function each<T extends { readonly bytes: number | Uint8Array }>(
  step: FlashStep,
  things: readonly T[],
  onProgress: OnFlashProgress,
  act: (thing: T) => Promise<void>,
): Promise<void> {
  const size = ({ bytes }: T): number => (typeof bytes === 'number' ? bytes : bytes.length);
  const total = things.reduce((sum, thing) => sum + size(thing), 0);
  let done = 0;
  for (const thing of things) {
    onProgress(step, done, total);
    await act(thing);
    done += size(thing);
  }
  onProgress(step, total, total);
}

/** Whole blocks, the last filled up as erased flash is. */
function blocksOf({ address, bytes }: Segment): Segment[] {
  return Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, i) => {
    const block = ERASED_BLOCK.slice();
    block.set(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
    return { address: address + i * BLOCK_BYTES, bytes: block };
  });
}

function isErased(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === ERASED);
}

/** The ROM acknowledges an erase that does nothing (AN3155, 3.8). The first to be erased tells, before there is harm. */
function protectedSector({ index }: Sector): LinnetError {
  return new LinnetError(
    'flash_protected',
    `sector ${index} is protected against writing; nothing was changed`,
    'flash',
    'lift the protection ("stm32flash -u PORT"), then flash again',
  );
}

function halfFlashed(error: unknown): unknown {
  if (!(error instanceof LinnetError)) return error;
  const { code, what, where } = error;
  const remedy = `${error.remedy}. The board is half flashed and starts nothing: bring it into its boot mode and run this again`;
  return new LinnetError(code, what, where, remedy, { cause: error });
}
