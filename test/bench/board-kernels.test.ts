/**
 * Instructions the kernels take on emulated boards, against the figures on record (board-counts.json). Counts do not
 * depend on the machine, so 2 % more is a kernel that became slower, or a compiler that did.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureBoard } from '../../src/bench/board-kernels.js';
import { load } from '../../src/engine/load.js';
import { builtBoards } from '../boards/built-boards.js';

const SLACK = 1.02;

const RECORD = JSON.parse(readFileSync(join(__dirname, 'board-counts.json'), 'utf8')) as Record<
  string,
  Record<string, number>
>;

/** What each may take at most, however little more that is: instructions a multiply-accumulate, or in all. */
const MOST: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'mps2-an386': { linear_200x10000: 1.08, lstm_200: 370_000, conv_20x64_3x64: 1.1 },
  'mps2-an385': { linear_200x10000: 2.6 },
  'mps3-an547': { linear_200x10000: 0.26, lstm_200: 90_000 },
  'riscv-virt': { linear_200x10000: 3.4 },
  microbit: { linear_200x800: 3.5 },
};

describe.each(builtBoards(...Object.keys(RECORD)).map((board) => [board.name, board] as const))('%s', (name, board) => {
  test('its kernels take no more instructions than is on record, and compute what they compute here', async () => {
    const { kernels, ram, proofs } = await measureBoard(board);
    const counted = Object.fromEntries(
      Object.entries(kernels).map(([kernel, { instructions }]) => [kernel, instructions]),
    );
    const recorded = RECORD[name]!;
    expect(Object.keys({ ...counted, ram })).toEqual(Object.keys(recorded));
    for (const [kernel, count] of Object.entries({ ...counted, ram }))
      if (count > recorded[kernel]! * SLACK)
        throw new Error(`${kernel} takes ${count} on ${name}; on record are ${recorded[kernel]}`);
    for (const [kernel, most] of Object.entries(MOST[name]!)) {
      const { instructions, per_mac } = kernels[kernel]!;
      expect(most < 100 ? per_mac : instructions).toBeLessThanOrEqual(most);
    }
    for (const { image, digest } of proofs) {
      const model = await load(image);
      expect(await model.selfTest()).toBe(digest);
      await model.close();
    }
  });
});
