/**
 * What generating takes of a board's memory. RAM and code are read from the linked firmware and planned from the image:
 * the same on every machine, so they are gates.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmwareSize } from '../../src/bench/firmware-size.js';
import { measureMemory, ramToGenerate } from '../../src/bench/board-memory.js';
import { findBoard, PACKAGE_ROOT } from '../../src/boards/registry.js';
import { builtBoards } from '../boards/built-boards.js';

const KB = 1024;
const MOST_RAM = 8 * KB;
const MOST_FIRMWARE = 40 * KB;
const MOST_ENGINE = 20 * KB;

const image = (name: string): Buffer => readFileSync(join(PACKAGE_ROOT, 'models', name, `${name}.linnet`));
const named = (...names: string[]) => builtBoards(...names).map((board) => [board.name, board] as const);

test.each(named('mps2-an386', 'mps2-an385', 'mps3-an547', 'riscv-virt', 'hifive1'))(
  '%s generates with two LSTMs of 200 and 10,000 words in 8 KB of RAM, buffers of the link included',
  async (_name, board) => {
    const { state, scratch, workspace, buffers, total } = await ramToGenerate(board, image('ptb-lm'));
    expect(state).toBe(2 * (208 + 800)); // of each layer h, int8, in 16s, and c, int32
    expect(scratch).toBe(2 * 208); // a layer's input and output
    // At least what comes and what is made of it: a frame with every byte escaped, one message, its tokens.
    expect(buffers).toBeGreaterThan((2 + 1 + 2) * board.uart.message_bytes);
    expect(total).toBe(state + scratch + workspace + buffers);
    expect(total).toBeLessThanOrEqual(MOST_RAM);
  },
);

test.each(named('mps2-an386', 'netduinoplus2'))(
  "%s: the firmware has 40 KB of code at most, an LSTM language model's engine 20 KB",
  async (_name, board) => {
    const firmware = await firmwareSize(board, 'firmware');
    const minimal = await firmwareSize(board, 'minimal');
    expect(firmware.flash).toBeLessThanOrEqual(MOST_FIRMWARE);
    expect(minimal.flash).toBeLessThanOrEqual(MOST_ENGINE);
    // What is flashed is as long: nothing was overlooked. (Sections are aligned.)
    for (const [program, { flash }] of Object.entries({ firmware, 'minimal-firmware': minimal })) {
      const binary = readFileSync(join(PACKAGE_ROOT, 'build-firmware', board.name, `${program}.bin`));
      expect(binary.length - flash).toBeGreaterThanOrEqual(0);
      expect(binary.length - flash).toBeLessThan(16);
    }
    expect(minimal.flash).toBeGreaterThan(10 * KB);
  },
);

test.each(named('mps2-an386', 'microbit'))(
  '%s: a run measures the stack that generating takes, in RAM that was painted',
  async (_name, board) => {
    const { ram } = await measureMemory(board, { 'tiny-lm': image('tiny-lm'), 'ptb-lm': image('ptb-lm') });
    expect(Object.keys(ram)).toEqual(board.name === 'microbit' ? ['tiny-lm'] : ['tiny-lm', 'ptb-lm']);
    for (const { stack_used, stack_bytes } of Object.values(ram)) {
      expect(stack_used).toBeGreaterThan(1000); // the candidates of top-k alone are 512 bytes
      expect(stack_used).toBeLessThan(0.8 * stack_bytes);
    }
  },
);

test('of a board whose firmware is not built it says how to build it', async () => {
  const board = { ...findBoard('mps2-an386'), name: 'never-built' };
  await expect(firmwareSize(board, 'minimal')).rejects.toMatchObject({
    code: 'file_not_found',
    remedy: 'run "sh firmware/build.sh never-built"',
  });
});
