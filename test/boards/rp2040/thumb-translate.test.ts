/** Traces do what rp2040js's own core does, instruction by instruction: registers, flags, memory, cycles. */
import { crc32 } from 'node:zlib';
import { RP2040 } from 'rp2040js';
import { Translator } from '../../../src/boards/rp2040/thumb-translate.js';
import { random } from '../../link/memory-transport.js';

const FLASH = 0x10000000;
const RAM = 0x20000000;
const FLAGS = ['N', 'Z', 'C', 'V'] as const;
/** Code ends here; a trace ends where it meets it. */
const BKPT = 0xbe00;
/** r4 points into RAM and r5 into flash, so they stay as they are; r6 and r7 hold small offsets. */
const RESULTS = [0, 1, 2, 3];

const RAM_BEFORE = Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) >> 1);

const chip = new RP2040();
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
chip.logger = quiet;
const other = new RP2040();
other.logger = quiet;
for (const { flash } of [chip, other]) flash.fill(0x5a, 0, 4096);

type Pick = <T>(of: readonly T[]) => T;
type Upto = (n: number) => number;

/** One instruction of each kind, operands at random. */
const KINDS: readonly (readonly [name: string, make: (pick: Pick, upto: Upto) => number[]])[] = [
  ['lsls, lsrs, asrs by a constant', (p, n) => [(n(3) << 11) | (n(32) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['adds, subs of three', (p, n) => [0x1800 | (n(4) << 9) | (n(8) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['movs, cmp, adds, subs with a constant', (p, n) => [0x2000 | (n(4) << 11) | (p(RESULTS) << 8) | n(256)]],
  ['ands, eors', (p, n) => [0x4000 | (n(2) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['lsls, lsrs, asrs by a register', (p, n) => [0x4000 | (p([2, 3, 4]) << 6) | (p([6, 7]) << 3) | n(4)]],
  ['adcs, sbcs', (p, n) => [0x4000 | (p([5, 6]) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['tst, rsbs, cmp, cmn', (p, n) => [0x4200 | (n(4) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['orrs, muls, bics, mvns', (p, n) => [0x4300 | (n(4) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['add, cmp, mov with high registers', (p, n) => [0x4400 | (n(3) << 8) | (p([8, 9, 10, 11, 12]) << 3) | p(RESULTS)]],
  ['add, mov to high registers', (p, n) => [0x4480 | (p([0, 2]) << 8) | (n(8) << 3) | n(4)]],
  ['ldr of a constant', (p) => [0x4800 | (p(RESULTS) << 8) | 60]],
  ['adr, add of sp', (p, n) => [0xa000 | (n(2) << 11) | (p(RESULTS) << 8) | n(256)]],
  ['loads from a sum', (p, n) => [0x5600 | (p([0, 1, 2, 3, 4]) << 9) | (7 << 6) | (p([4, 5]) << 3) | n(4)]],
  ['stores to a sum', (_, n) => [0x5000 | (n(3) << 9) | (7 << 6) | (4 << 3) | n(8)]],
  ['loads', (p, n) => [p([0x6800, 0x7800, 0x8800]) | (n(32) << 6) | (p([4, 5]) << 3) | p(RESULTS)]],
  ['stores', (p, n) => [p([0x6000, 0x7000, 0x8000]) | (n(32) << 6) | (4 << 3) | n(8)]],
  ['ldr, str on the stack', (p, n) => [0x9000 | (n(2) << 11) | (p(RESULTS) << 8) | n(64)]],
  ['sxth, sxtb, uxth, uxtb', (p, n) => [0xb200 | (n(4) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['rev, rev16', (p, n) => [0xba00 | (n(2) << 6) | (n(8) << 3) | p(RESULTS)]],
  ['sp up and down', (_, n) => [0xb000 | n(8), 0xb080 | n(8)]],
  ['push, pop', (_, n) => [0xb400 | (n(2) << 8) | n(256), 0xbc00 | n(16)]],
  ['ldm, stm', (p, n) => [p([0xcd00, 0xcc00, 0xc400]) | (1 + n(15))]],
  ['b over an instruction', (p, n) => [p([0xe000, 0xd000 | (n(14) << 8)]), 0x1c40 | n(4)]],
  ['bl to the next', (_, n) => [0xf000, 0xf801, 0x1c40 | n(4)]],
];

/** What rp2040js has otherwise than the architecture: a carry out of shifts by 0 or more than 32, V after a carry in. */
function isDisputed(code: readonly number[], registers: readonly number[]): boolean {
  const op = code[0]!;
  const kind = op >> 6;
  if (kind === 0b0100000101 || kind === 0b0100000110)
    return registers[op & 7]! >>> 0 >= 0x7fffffff || registers[(op >> 3) & 7]! >>> 0 >= 0x7fffffff;
  const by = registers[(op >> 3) & 7]! & 255;
  return kind >= 0b0100000010 && kind <= 0b0100000100 && (by === 0 || by > 31);
}

function load(target: RP2040, code: readonly number[], registers: readonly number[], flags: number): void {
  [...code, BKPT].forEach((op, i) => target.flash.set([op & 255, op >> 8], 2 * i));
  target.sram.set(RAM_BEFORE);
  target.core.registers.set(registers);
  target.core.registers[15] = FLASH;
  FLAGS.forEach((flag, i) => (target.core[flag] = ((flags >> i) & 1) === 1));
  target.core.cycles = 0;
}

function state({ core, sram }: RP2040): string {
  const flags = FLAGS.map((flag) => (core[flag] ? flag : '-')).join('');
  return `${[...core.registers].map((word) => word.toString(16)).join(' ')} ${flags} ${core.cycles} ${crc32(sram.subarray(0, 4096))}`;
}

const translator = new Translator(chip.core, { ram: chip.sram, flash: chip.flash });

/** Both ways from the same start. */
function compare(code: readonly number[], registers: readonly number[], flags: number): void {
  load(chip, code, registers, flags);
  load(other, code, registers, flags);
  const result = translator.translate(FLASH)!();
  for (let i = 0; i < (result < 0 ? ~result : result); i++) other.core.executeInstruction();
  const [got, expected] = [state(chip), state(other)];
  if (got !== expected || result === ~0)
    throw new Error(`${code.map((op) => op.toString(16)).join(' ')}: ${got}, not ${expected}`);
}

function randomState(next: () => number): number[] {
  const words = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
  const word = (): number => (next() < 0.3 ? words[Math.floor(next() * 5)]! : Math.floor(next() * 2 ** 32));
  const registers = Array.from({ length: 15 }, word);
  registers[4] = RAM + 1024;
  registers[5] = FLASH + 512;
  registers[6] = Math.floor(next() * 40);
  registers[7] = Math.floor(next() * 64) * 4;
  registers[13] = RAM + 2048;
  return registers;
}

test.each(KINDS)('%s', (_name, make) => {
  const next = random(1);
  const upto: Upto = (n) => Math.floor(next() * n);
  const pick: Pick = (of) => of[upto(of.length)]!;
  let compared = 0;
  for (let i = 0; i < 150; i++) {
    const registers = randomState(next);
    const code = make(pick, upto);
    if (isDisputed(code, registers)) continue;
    // No result is negative and zero.
    compare(code, registers, pick([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14]));
    compared++;
  }
  expect(compared).toBeGreaterThan(40);
});

test.each([
  ['lsls', 0x4098, 0, 1, true, 1, true],
  ['lsrs', 0x40d8, 0, 0x80000000, true, 0x80000000, true],
  ['lsls', 0x4098, 33, 1, true, 0, false],
  ['lsrs', 0x40d8, 32, 0x80000000, false, 0, true],
  ['asrs', 0x4118, 40, 0x80000000, false, 0xffffffff, true],
] as const)('%s (%i) by %i is as the architecture has it', (_name, op, by, value, carry, result, carryAfter) => {
  load(chip, [op], [value, 0, 0, by, ...new Array<number>(11).fill(0)], carry ? 4 : 0);
  translator.translate(FLASH)!();
  expect([chip.core.registers[0], chip.core.C]).toEqual([result, carryAfter]);
});

test('a carry that makes the sum overflow is seen', () => {
  load(chip, [0x4158], [0x7fffffff, 0, 0, 0, ...new Array<number>(11).fill(0)], 4); // adcs r0, r3
  translator.translate(FLASH)!();
  expect([chip.core.registers[0], chip.core.V, chip.core.N]).toEqual([0x80000000, true, true]);
});

test('a loop runs as a loop, and lets others have their turn', () => {
  load(chip, [0x3801, 0xd1fd], [100_000, ...new Array<number>(14).fill(0)], 0); // subs r0, #1; bne
  const trace = translator.translate(FLASH)!;
  let done = 0;
  let calls = 0;
  while (chip.core.registers[15] === FLASH) {
    const result = trace();
    done += result < 0 ? ~result : result;
    calls++;
  }
  expect(done).toBe(200_000);
  expect(calls).toBeGreaterThan(10);
  expect(chip.core.cycles).toBe(3 * 100_000 - 1);
  expect(chip.core.registers[0]).toBe(0);
});

test('what is not memory is left to the whole machine, nothing done', () => {
  const registers = [1, 0x40034000, ...new Array<number>(13).fill(0)];
  load(chip, [0x3001, 0x6008, 0x3001], registers, 0); // adds r0, #1; str r0, [r1]; adds r0, #1
  expect(translator.translate(FLASH)!()).toBe(~1);
  expect([chip.core.registers[0], chip.core.registers[15]]).toEqual([2, FLASH + 2]);
});
