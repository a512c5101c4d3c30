/** Flashing through the ROM of an STM32, simulated byte by byte, over a line that may be bad. */
import { findBoard, type Stm32Rom } from '../../src/boards/registry.js';
import { LinnetError } from '../../src/errors.js';
import type { FlashStep } from '../../src/flash/progress.js';
import { flatten, type Segment } from '../../src/flash/segments.js';
import { programStm32, type Stm32Options } from '../../src/flash/stm32/program.js';
import { evenly, FaultyTransport } from '../link/faulty-transport.js';
import { MemoryTransport, random } from '../link/memory-transport.js';
import { failure } from './failure.js';
import { SimulatedRom, type RomOptions } from './stm32-rom.js';

jest.setTimeout(30_000);

const board = findBoard('netduinoplus2');
const facts = board.flashing!.ways.find((way) => way.way === 'stm32_rom') as Stm32Rom;
const ORIGIN = board.flash.origin;

const junk = (length: number, seed: number): Uint8Array => {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
};
/** A firmware of some blocks and a model behind it; neither fills its last block. */
const SEGMENTS: Segment[] = [
  { address: ORIGIN, bytes: junk(2000, 1) },
  { address: ORIGIN + 0x1_0000, bytes: junk(3000, 2) },
];
const WANTED = flatten(SEGMENTS);
const BLOCKS = Math.ceil(2000 / 256) + Math.ceil(3000 / 256);

interface Bench {
  readonly rom: SimulatedRom;
  readonly host: MemoryTransport;
  readonly started: number[];
}

function bench(options: RomOptions = {}, rom: Stm32Rom = facts): Bench {
  const [host, chip] = MemoryTransport.pair();
  const started: number[] = [];
  const simulated = new SimulatedRom(
    rom,
    (bytes) => chip.write(bytes),
    (at) => started.push(at),
    options,
  );
  chip.onData((bytes) => simulated.receive(bytes));
  return { rom: simulated, host, started };
}

/** A new cable to the same chip, which does not notice. */
function reconnect({ rom }: Bench): MemoryTransport {
  const [host, chip] = MemoryTransport.pair();
  Object.assign(rom, { send: (bytes: Uint8Array) => chip.write(bytes) });
  chip.onData((bytes) => rom.receive(bytes));
  return host;
}

function expectFlashed({ rom, started }: Bench): void {
  const { flash } = rom;
  expect(Buffer.compare(flash.subarray(0, 2000), SEGMENTS[0]!.bytes)).toBe(0);
  expect(Buffer.compare(flash.subarray(0x1_0000, 0x1_0000 + 3000), SEGMENTS[1]!.bytes)).toBe(0);
  expect(started).toEqual([ORIGIN]);
}

const program = (bench: Bench, options?: Stm32Options, segments: Segment[] = SEGMENTS): Promise<void> =>
  programStm32(bench.host, facts, segments, options);

test('writes both segments, starts the firmware, and touches no sector it need not', async () => {
  const chip = bench();
  const before = chip.rom.flash.slice();
  await program(chip);
  expectFlashed(chip);
  expect(chip.rom.erased).toEqual([0, 4]);
  // Sectors 1 to 3 and 5 to 11 are as they were.
  expect(Buffer.compare(chip.rom.flash.subarray(0x4000, 0x1_0000), before.subarray(0x4000, 0x1_0000))).toBe(0);
  expect(Buffer.compare(chip.rom.flash.subarray(0x2_0000), before.subarray(0x2_0000))).toBe(0);
});

test('the block with the vector table is erased first and written last', async () => {
  const chip = bench();
  await program(chip);
  expect(chip.rom.erased[0]).toBe(0);
  expect(chip.rom.written).toHaveLength(BLOCKS);
  expect(chip.rom.written.at(-1)).toBe(ORIGIN);
});

test('progress goes from nothing to all, in bytes, step by step', async () => {
  const seen: [FlashStep, number, number][] = [];
  await program(bench(), { onProgress: (...step) => seen.push(step) });
  expect([...new Set(seen.map(([step]) => step))]).toEqual(['erase', 'write', 'verify']);
  for (const step of ['erase', 'write', 'verify'] as const) {
    const dones = seen.filter(([s]) => s === step).map(([, done]) => done);
    const totals = new Set(seen.filter(([s]) => s === step).map(([, , total]) => total));
    expect(dones[0]).toBe(0);
    expect(dones).toEqual([...dones].sort((a, b) => a - b));
    expect([...totals]).toEqual([dones.at(-1)]);
  }
  expect(seen.find(([step]) => step === 'erase')![2]).toBe(16384 + 65536);
  expect(seen.find(([step]) => step === 'verify')![2]).toBe(BLOCKS * 256);
});

test('an erase that takes long is waited for', async () => {
  const chip = bench({ eraseMs: 1200 });
  await program(chip, {}, [{ address: ORIGIN, bytes: junk(300, 1) }]);
  expect(chip.started).toEqual([ORIGIN]);
  expect(chip.rom.erased).toEqual([0]);
});

test('chips that erase pages by the old command are flashed too', async () => {
  const old: Stm32Rom = { ...facts, product_id: '0x410', sectors: [{ count: 128, bytes: 1024 }] };
  const chip = bench({ plainErase: true }, old);
  await programStm32(chip.host, old, [{ address: ORIGIN, bytes: junk(2500, 3) }]);
  expect(chip.rom.erased).toEqual([0, 1, 2]);
  expect(Buffer.compare(chip.rom.flash.subarray(0, 2500), junk(2500, 3))).toBe(0);
});

test('a block whose answer was lost is not written twice, which flash with error correction does not take', async () => {
  const [host, chip] = MemoryTransport.pair();
  let lost = 0;
  const rom = new SimulatedRom(
    facts,
    // The callback below runs before the answer to the block is sent.
    (bytes) => (lost === 1 ? lost++ : chip.write(bytes)),
    undefined,
    { ecc: true },
  );
  chip.onData((bytes) => rom.receive(bytes));
  rom.onWrite = (count) => count === 5 && lost++;
  await programStm32(host, facts, SEGMENTS);
  expect(lost).toBe(2);
  expect(new Set(rom.written).size).toBe(rom.written.length);
});

test.each([1, 2, 4])('a line that loses, flips and doubles bytes ends with the right bytes (%i)', async (seed) => {
  const small: Stm32Rom = { ...facts, sectors: [{ count: 128, bytes: 1024 }] };
  const chip = bench({ ecc: seed % 2 === 0 }, small);
  const line = new FaultyTransport(chip.host, evenly(0.0007, seed));
  await programStm32(line, small, SEGMENTS);
  expect(line.damaged).toBeGreaterThan(3);
  expectFlashed(chip);
});

test.each([2, 129, 258])(
  'a host that ended inside a block (%i bytes sent) leaves a ROM the next one finds',
  async (sent) => {
    const chip = bench();
    const write = [0x7f, 0x31, 0xce, 0x08, 0x00, 0x01, 0x00, 0x09, 255, ...junk(256, 9)];
    for (const byte of write.slice(0, 8 + sent)) chip.rom.receive(Uint8Array.of(byte));
    await program(chip);
    expectFlashed(chip);
  },
);

const NOWHERE: [string, (chip: Bench) => void][] = [
  ['says nothing', ({ rom }) => (rom.onByte = () => undefined)],
  [
    'is a console that talks',
    ({ rom }) =>
      (rom.receive = () => (rom as unknown as { send(b: Uint8Array): void }).send(Buffer.from('you say\r\n> '))),
  ],
  [
    'echoes everything',
    ({ rom }) => (rom.receive = (bytes) => (rom as unknown as { send(b: Uint8Array): void }).send(bytes)),
  ],
];
test.each(NOWHERE)('no boot loader: what is there %s', async (_title, change) => {
  const chip = bench();
  change(chip);
  const error = await failure(program(chip));
  expect(error).toMatchObject({ code: 'no_boot_loader' });
  expect(error.remedy).toMatch(/BOOT0 high.*reset.*TX and RX/);
});

test('another chip is refused before anything is erased', async () => {
  const chip = bench({}, { ...facts, product_id: '0x431' });
  const error = await failure(program(chip));
  expect(error).toMatchObject({ code: 'wrong_board' });
  expect(error.message).toContain('0x431, not 0x413');
  expect(chip.rom.erased).toEqual([]);
});

test('a chip protected against reading says how to lift that, and nothing is erased', async () => {
  const chip = bench({ readProtected: true });
  const error = await failure(program(chip));
  expect(error).toMatchObject({ code: 'flash_protected' });
  expect(error.remedy).toMatch(/erases the chip.*stm32flash -k/);
  expect(chip.rom.erased).toEqual([]);
});

test('a sector protected against writing shows when it is read back, and the board starts nothing', async () => {
  const chip = bench({ writeProtected: [4] });
  const error = await failure(program(chip));
  expect(error).toMatchObject({ code: 'flash_failed' });
  expect(error.message).toMatch(/0x8010000 reads back otherwise.*stm32flash -u.*half flashed/);
  expect(chip.rom.startsSomething).toBe(false);
  expect(chip.started).toEqual([]);
});

test('where the first sector is protected against writing nothing at all is changed', async () => {
  const chip = bench({ writeProtected: [0] });
  const before = chip.rom.flash.slice();
  const error = await failure(program(chip));
  expect(error).toMatchObject({ code: 'flash_protected' });
  expect(error.message).toMatch(/sector 0 is protected.*nothing was changed.*stm32flash -u/);
  expect(error.message).not.toMatch(/half/);
  expect(Buffer.compare(chip.rom.flash, before)).toBe(0);
});

test.each([1, 2, 9, BLOCKS - 1, BLOCKS])(
  'the cable is pulled at block %i: nothing starts, and it can be flashed again',
  async (at) => {
    const chip = bench();
    chip.rom.onWrite = (count) => {
      if (count === at)
        chip.host.end(new LinnetError('port_lost', 'the port went away while in use', 'memory', 'check the cable'));
    };
    const error = await failure(program(chip));
    expect(error).toMatchObject({ code: 'port_lost' });
    expect(error.remedy).toMatch(/half flashed and starts nothing.*boot mode.*again/);
    expect(chip.rom.startsSomething).toBe(at === BLOCKS); // the last block makes it whole
    chip.rom.onWrite = () => undefined;
    await programStm32(reconnect(chip), facts, SEGMENTS);
    expectFlashed(chip);
  },
);

test('an abort ends it at once with its reason', async () => {
  const chip = bench();
  const stop = new AbortController();
  chip.rom.onWrite = (count) => count === 5 && stop.abort(new Error('enough'));
  await expect(program(chip, { signal: stop.signal })).rejects.toThrow('enough');
  expect(chip.rom.written).toHaveLength(5);
  await programStm32(reconnect(chip), facts, SEGMENTS);
  expectFlashed(chip);
});

test('the bytes between the segments are not written', () => {
  expect(WANTED.subarray(2000, 0x1_0000).every((byte) => byte === 0xff)).toBe(true);
});
