/** The file formats, read back by independent packages. */
import MemoryMap from 'nrf-intel-hex';
import { decodeBlock, isUF2Block } from 'uf2';
import { flashImage } from '../../src/boards/flash-image.js';
import { findBoard } from '../../src/boards/registry.js';
import { encodeFile, formatOf } from '../../src/flash/file.js';
import { encodeHex } from '../../src/flash/hex.js';
import { flatten, segmentsFor, type Segment } from '../../src/flash/segments.js';
import { encodeUf2 } from '../../src/flash/uf2.js';
import { random } from '../link/memory-transport.js';

const RP2040 = 0xe48bff56;
const ORIGIN = 0x1000_0000;

const junk = (length: number, seed: number): Uint8Array => {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
};
const segments = (firmware: number, model: number): Segment[] => [
  { address: ORIGIN, bytes: junk(firmware, 1) },
  { address: ORIGIN + 0x1_0000, bytes: junk(model, 2) },
];

interface Block {
  readonly flashAddress: number;
  readonly payload: Uint8Array;
}

function blocksOf(file: Uint8Array): Block[] {
  expect(file.length % 512).toBe(0);
  const count = file.length / 512;
  return Array.from({ length: count }, (_, i) => {
    const bytes = file.subarray(i * 512, (i + 1) * 512);
    expect(isUF2Block(bytes)).toBe(true);
    const block = decodeBlock(bytes);
    expect(block).toMatchObject({ blockNumber: i, totalBlocks: count, boardFamily: RP2040, flags: 0x2000 });
    expect(block.payload).toHaveLength(256);
    return block;
  });
}

/**
 * Flash after the ROM of an RP2040 had these blocks: it erases a 4 KB sector at the first block it sees of every
 * sixteen, by number, and only clears bits when it programs.
 */
function programmed(blocks: readonly Block[], order = blocks.map((_, i) => i)): Uint8Array {
  const flash = new Uint8Array(0x4_0000).fill(0x5a);
  const erased = new Set<number>();
  for (const i of order) {
    const { flashAddress, payload } = blocks[i]!;
    const at = flashAddress - ORIGIN;
    if (!erased.has(i >> 4)) flash.fill(0xff, at & ~4095, (at & ~4095) + 4096);
    erased.add(i >> 4);
    payload.forEach((byte, k) => (flash[at + k]! &= byte));
  }
  return flash;
}

test.each([
  [1, 1],
  [256, 4096],
  [4095, 4097],
  [40_000, 100_001],
])('UF2 of %i bytes of firmware and %i of model: another reader gets them back', (firmware, model) => {
  const wanted = segments(firmware, model);
  for (const startLast of [false, true]) {
    const blocks = blocksOf(encodeUf2(wanted, RP2040, { startLast }));
    const flash = programmed(blocks);
    for (const { address, bytes } of wanted)
      expect(Buffer.compare(flash.subarray(address - ORIGIN, address - ORIGIN + bytes.length), bytes)).toBe(0);
    // The rest of a sector is erased, the next is as it was.
    expect(flash[firmware]).toBe(firmware % 4096 === 0 ? 0x5a : 0xff);
    expect(flash[Math.ceil(firmware / 4096) * 4096]).toBe(0x5a);
  }
});

test('sixteen blocks of the file are one sector, as the ROM takes them, in whatever order they come', () => {
  const blocks = blocksOf(encodeUf2(segments(9000, 9000), RP2040));
  blocks.forEach(({ flashAddress }, i) => {
    expect(flashAddress % 256).toBe(0);
    expect(flashAddress & ~4095).toBe(blocks[i & ~15]!.flashAddress);
  });
  const next = random(5);
  const order = blocks.map((_, i) => ({ i, key: next() })).sort((a, b) => a.key - b.key);
  expect(
    Buffer.compare(
      programmed(
        blocks,
        order.map(({ i }) => i),
      ),
      programmed(blocks),
    ),
  ).toBe(0);
});

test('with the start last, a file cut anywhere leaves a first sector that starts nothing', () => {
  const file = encodeUf2(segments(9000, 9000), RP2040, { startLast: true });
  const blocks = blocksOf(file);
  expect(blocks.at(-16)!.flashAddress).toBe(ORIGIN);
  for (let cut = 16; cut <= blocks.length - 16; cut++) {
    const flash = programmed(blocks.slice(0, cut));
    expect(flash.subarray(0, 4096).every((byte) => byte === 0xff)).toBe(true);
  }
});

test('Intel HEX of both, over a 64 KB border, is read back by its package and by address', () => {
  const wanted: Segment[] = [
    { address: 0, bytes: junk(70_001, 1) },
    { address: 0x2_0000, bytes: junk(999, 2) },
  ];
  const text = new TextDecoder().decode(encodeHex(wanted));
  const [first, second, ...more] = [...MemoryMap.fromHex(text).join()];
  expect(more).toEqual([]);
  expect(first![0]).toBe(0);
  expect(Buffer.compare(first![1], wanted[0]!.bytes)).toBe(0);
  expect(second![0]).toBe(0x2_0000);
  expect(Buffer.compare(second![1], wanted[1]!.bytes)).toBe(0);
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^:([0-9A-F]{2}){5,21}$/);
  expect(text.endsWith(':00000001FF\n')).toBe(true);
});

test('a .bin is flash as the emulator gets it', () => {
  const board = findBoard('netduinoplus2');
  const [firmware, model] = [junk(5000, 1), junk(320, 2)];
  const both = segmentsFor(board, firmware, model);
  expect(Buffer.compare(flatten(both), flashImage(board, firmware, model))).toBe(0);
  expect(encodeFile(board, both, 'bin')).toEqual(flatten(both));
});

test('what does not fit is refused with the bytes missing', () => {
  const board = findBoard('netduinoplus2');
  expect(() => segmentsFor(board, junk(10, 1), new Uint8Array(board.image.bytes + 32))).toThrow(
    expect.objectContaining({ code: 'out_of_memory', what: expect.stringContaining('32 too many') }),
  );
});

test('a board whose model lies in a memory that forgets is flashed in its emulator only', () => {
  expect(() => segmentsFor(findBoard('mps2-an386'), junk(10, 1), junk(16, 1))).toThrow(
    expect.objectContaining({ code: 'usage', what: expect.stringContaining('PSRAM') }),
  );
});

test('the name of a file says its format, or is told which names do', () => {
  expect(['a.bin', 'b.x.HEX', '/c d/e.uf2'].map(formatOf)).toEqual(['bin', 'hex', 'uf2']);
  for (const name of ['a', 'a.elf', 'bin', 'a.uf2.gz'])
    expect(() => formatOf(name)).toThrow(
      expect.objectContaining({ code: 'usage', remedy: expect.stringContaining('.uf2') }),
    );
});

test('a board that takes no UF2 is told what to write instead', () => {
  const board = findBoard('netduinoplus2');
  expect(() => encodeFile(board, segmentsFor(board, junk(10, 1), junk(16, 1)), 'uf2')).toThrow(
    expect.objectContaining({ code: 'usage', remedy: expect.stringContaining('.hex') }),
  );
});
