/** What a linked firmware takes of a board's flash and RAM: from the ELF file that its build made. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT, type BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';

/** The board's own, or the one of firmware/minimal: an LSTM language model's ops, tokenizer, sampler, start-up, UART. */
export type FirmwareProgram = 'firmware' | 'minimal';

/** Bytes. */
export interface FirmwareSize {
  /** Code, constants and what initialises RAM. */
  readonly flash: number;
  /** Everything in RAM that is neither the model's (board.json, ram.arena_bytes) nor stack: queues, frames, tokens. */
  readonly buffers: number;
  /** Room for the stack. */
  readonly stack: number;
}

interface Section {
  readonly name: string;
  /** Its bytes are in the file, not only room for them in memory. */
  readonly stored: boolean;
  readonly address: number;
  readonly size: number;
}

/** ELF specification 1.2: SHT_NOBITS; SHF_ALLOC. */
const NO_BITS = 8;
const ALLOCATED = 2;

/** @throws LinnetError file_not_found: it is not built */
export async function firmwareSize(board: BoardSpec, program: FirmwareProgram): Promise<FirmwareSize> {
  const sections = sectionsOf(await readElf(board, program));
  const { origin, bytes, arena_bytes } = board.ram;
  const inRam = sections.filter(({ address }) => address >= origin && address < origin + bytes);
  const stack = total(inRam.filter(({ name }) => name === '.stack'));
  return {
    flash: total(sections.filter(({ stored }) => stored)),
    buffers: total(inRam) - stack - arena_bytes,
    stack,
  };
}

const total = (sections: readonly Section[]): number => sections.reduce((sum, { size }) => sum + size, 0);

async function readElf(board: BoardSpec, program: FirmwareProgram): Promise<Buffer> {
  const path = join(
    'build-firmware',
    board.name,
    program === 'firmware' ? board.firmware : `minimal-${board.firmware}`,
  );
  try {
    return await readFile(join(PACKAGE_ROOT, path));
  } catch {
    throw new LinnetError(
      'file_not_found',
      `the firmware of ${board.name} is not built`,
      path,
      `run "sh firmware/build.sh ${board.name}"`,
    );
  }
}

/** Those that have a place in memory, of a 32-bit little-endian ELF file. */
function sectionsOf(elf: Buffer): Section[] {
  const start = elf.readUInt32LE(32);
  const size = elf.readUInt16LE(46);
  const count = elf.readUInt16LE(48);
  const field = (section: number, index: number): number => elf.readUInt32LE(start + section * size + 4 * index);
  const names = field(elf.readUInt16LE(50), 4);
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => (field(i, 2) & ALLOCATED) !== 0)
    .map((i) => {
      const name = names + field(i, 0);
      return {
        name: elf.toString('latin1', name, elf.indexOf(0, name)),
        stored: field(i, 1) !== NO_BITS,
        address: field(i, 3),
        size: field(i, 5),
      };
    });
}
