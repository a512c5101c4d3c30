/**
 * Boards that are built here and never run: no emulator has their chip. What can be seen in the file that would be
 * flashed is checked: what core and boot ROM read before the first instruction, and the size. A build is not a run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownBoards, PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';

/** Exceptions of a Cortex-M before its interrupts, the initial stack pointer among them. */
const EXCEPTIONS = 16;
/** Code and constants, bytes: the firmware was 45 KB when this was written. */
const MOST_BYTES = 56 * 1024;

/** From the reference manuals: how many interrupts a chip has, and which is the UART's. */
const INTERRUPTS: Readonly<Record<string, { count: number; uart: number }>> = {
  'blackpill-f411': { count: 86, uart: 37 }, // RM0383, table 37: USART1
  'nrf52840-dk': { count: 48, uart: 2 }, // nRF52840 Product Specification: UARTE0/UART0
  'nucleo-h743zi': { count: 150, uart: 39 }, // RM0433, table 145: USART3
  pico2: { count: 52, uart: 33 }, // RP2350 Datasheet, 3.2: UART0
};

const boards = knownBoards().filter(({ verified }) => verified === 'build');
const firmwarePath = ({ name }: BoardSpec): string => join(PACKAGE_ROOT, 'build-firmware', name, 'firmware.bin');

function isBuilt(board: BoardSpec): boolean {
  if (existsSync(firmwarePath(board))) return true;
  console.warn(`SKIPPED: the firmware of ${board.name}, for it is not built`);
  return false;
}

/** firmware.bin as little-endian words; it lies at the start of flash. */
function wordsOf(board: BoardSpec): Uint32Array {
  const bytes = readFileSync(firmwarePath(board));
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readUInt32LE(4 * i));
}

test('the boards that are built and not run are these, and each says how it is flashed', () => {
  expect(boards.map(({ name }) => name)).toEqual(Object.keys(INTERRUPTS).sort());
  for (const board of boards) {
    expect(board.emulator).toBeUndefined();
    expect(board.flashing!.steps.length).toBeGreaterThan(0);
    expect(board.flashing!.ways.length).toBeGreaterThan(0);
  }
});

describe.each(boards.filter(isBuilt).map((board) => [board.name, board] as const))('%s', (name, board) => {
  const words = wordsOf(board);
  const { count, uart } = INTERRUPTS[name]!;
  const code = { start: board.flash.origin + 4 * (EXCEPTIONS + count), end: board.flash.origin + 4 * words.length };

  test('the stack begins in RAM, on 8 bytes, and has 8 KB', () => {
    const stack = words[0]!;
    expect(stack % 8).toBe(0);
    expect(stack).toBeGreaterThanOrEqual(board.ram.origin + 8192);
    expect(stack).toBeLessThanOrEqual(board.ram.origin + board.ram.bytes);
  });

  test('every vector is Thumb code behind the table, of as many interrupts as the chip has', () => {
    const vectors = [...words.subarray(1, EXCEPTIONS + count)];
    for (const vector of vectors) {
      expect(vector % 2).toBe(1);
      expect(vector - 1).toBeGreaterThanOrEqual(code.start);
      expect(vector - 1).toBeLessThan(code.end);
    }
    // Behind them comes something that is no vector, or the count would be too small.
    const next = words[EXCEPTIONS + count]!;
    expect(vectors).not.toContain(next);
  });

  test("reset and the UART's interrupt have handlers of their own, all others share the one for faults", () => {
    const [reset, ...others] = [...words.subarray(1, EXCEPTIONS + count)];
    const fault = others[0]!; // of the NMI
    expect(reset).not.toBe(fault);
    const own = others.flatMap((vector, i) => (vector === fault ? [] : [i + 2 - EXCEPTIONS]));
    expect(own).toEqual([uart]);
  });

  test('it leaves room to grow before the model', () => {
    expect(4 * words.length).toBeLessThanOrEqual(MOST_BYTES);
    expect(MOST_BYTES).toBeLessThanOrEqual(board.image.origin - board.flash.origin);
  });
});

/** RP2350 Datasheet, 5.9: what the boot ROM makes of the first 4 KB. */
interface Block {
  /** Words from the start of flash. */
  readonly at: number;
  readonly items: readonly { readonly type: number; readonly word: number }[];
  /** Bytes from this block to the next; all blocks make a loop. */
  readonly toNext: number;
}

function findBlock(words: Uint32Array): Block {
  const start = 0xffffded3;
  const end = 0xab123579;
  const last = 0xff;
  const at = words.subarray(0, 1024).indexOf(start);
  expect(at).toBeGreaterThan(0);
  const items: Block['items'][number][] = [];
  for (let i = at + 1; ;) {
    const word = words[i]!;
    const type = word & 0xff;
    if (type === last) {
      expect((word >> 8) & 0xffff).toBe(i - at - 1); // words of all items
      expect(words[i + 2]).toBe(end);
      return { at, items, toNext: words[i + 1]! | 0 };
    }
    items.push({ type, word });
    i += (word >> 8) & 0xff;
    expect(i).toBeLessThan(1024);
    expect((word >> 8) & 0xff).toBeGreaterThan(0);
  }
}

test.each(boards.filter(({ name }) => name === 'pico2').filter(isBuilt))(
  'the boot ROM of an RP2350 finds an image definition in $name: a secure Arm program',
  (board) => {
    const { at, items, toNext } = findBlock(wordsOf(board));
    expect(at).toBe(EXCEPTIONS + INTERRUPTS['pico2']!.count); // nothing but vectors before it
    expect(toNext).toBe(0); // the only one
    expect(items.map(({ type }) => type)).toEqual([0x42]); // IMAGE_TYPE; none that moves the vectors
    const flags = items[0]!.word >>> 16;
    expect(flags & 0xf).toBe(1); // executable
    expect((flags >> 4) & 3).toBe(2); // secure
    expect((flags >> 8) & 7).toBe(0); // Arm
    expect((flags >> 12) & 7).toBe(1); // RP2350
    expect(flags >> 15).toBe(0); // not "try before you buy"
  },
);
