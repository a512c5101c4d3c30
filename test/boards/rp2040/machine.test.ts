/** The emulated chip: what the ROM checks, sleep, resets, faults, and the firmware it boots. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LinkClient } from '../../../src/link/client.js';
import { sayHello } from '../../../src/link/hello.js';
import { MessageType } from '../../../src/schema/link.js';
import { Rp2040Machine } from '../../../src/boards/rp2040/rp2040-machine.js';
import { builtBoards } from '../built-boards.js';
import { tinyModel } from '../tiny-model.js';
import { firmwareFile, flashWith, InlineBoard, PICO } from './inline-board.js';

const built = builtBoards('pico').length > 0 ? describe : describe.skip;

const mirrored = (value: number, bits: number): number => {
  let result = 0;
  for (let i = 0; i < bits; i++) result = (result * 2 + ((value >>> i) & 1)) >>> 0;
  return result;
};

/** The CRC of boot2 by another way: zlib's is the same one with every byte, and the result, mirrored and inverted. */
function crcByZlib(bytes: Uint8Array): number {
  return mirrored(~crc32(Uint8Array.from(bytes, (byte) => mirrored(byte, 8))) >>> 0, 32);
}

test('the other way to the CRC is right: the check value of CRC-32/MPEG-2', () => {
  expect(crcByZlib(Buffer.from('123456789'))).toBe(0x0376e6e7);
});

built('the firmware as it is built', () => {
  let bin: Buffer;
  beforeAll(() => {
    bin = readFileSync(firmwareFile());
  });

  test('begins with boot2 and its CRC, which the real ROM checks', () => {
    expect(bin.readUInt32LE(252)).toBe(crcByZlib(bin.subarray(0, 252)));
  });

  test('has its vectors behind boot2: a stack in RAM, a reset handler in flash', () => {
    const [stack, reset] = [bin.readUInt32LE(256), bin.readUInt32LE(260)];
    expect(stack).toBeGreaterThan(PICO.ram.origin);
    expect(stack).toBeLessThanOrEqual(PICO.ram.origin + PICO.ram.bytes);
    expect(reset & 1).toBe(1); // Thumb
    expect(reset).toBeGreaterThan(PICO.flash.origin + 256);
    expect(reset).toBeLessThan(PICO.flash.origin + bin.length);
  });

  test('leaves the sector before the model alone, which tells what is live', () => {
    expect(bin.length).toBeLessThanOrEqual(PICO.image.origin - PICO.flash.origin - 4096);
  });
});

built('a Pico', () => {
  let board: InlineBoard;
  let client: LinkClient;

  function start(flash = flashWith(tinyModel(3))): void {
    board = new InlineBoard(flash);
    client = new LinkClient(board);
  }
  afterEach(() => client?.close());

  test('does not boot from a flash whose boot2 is damaged', () => {
    const flash = flashWith(tinyModel(3));
    flash[100]! ^= 1;
    expect(() => new InlineBoard(flash)).toThrow(/no firmware in flash/);
    expect(() => new InlineBoard(new Uint8Array(PICO.flash.bytes).fill(0xff))).toThrow(/no firmware in flash/);
  });

  test('says hello, at 125 MHz', async () => {
    start();
    const facts = await sayHello(client);
    expect(facts).toMatchObject({ board: 'pico', ticksPerSecond: 125_000_000, ramTotal: PICO.ram.arena_bytes });
    expect(facts.model?.name).toBe('tiny-3');
  });

  test('sleeps when there is nothing to do', async () => {
    start();
    await sayHello(client);
    await new Promise((resolve) => setImmediate(resolve));
    expect(board.machine.asleep).toBe(true);
    const { cycles } = board.machine;
    board.machine.run(1_000_000);
    expect(board.machine.cycles).toBe(cycles);
  });

  test('counts time while it sleeps, cycles while it works', async () => {
    start();
    await sayHello(client);
    const uptime = async (): Promise<number> =>
      Buffer.from(await client.request(MessageType.stats, new Uint8Array())).readUInt32LE(0);
    const before = await uptime();
    board.machine.sleep(2000);
    expect(((await uptime()) - before) / 125e6).toBeCloseTo(2, 1);
  });

  test('its ticks are the cycles of the core', async () => {
    start();
    await sayHello(client);
    const { cycles } = board.machine;
    const answer = Buffer.from(await client.request(MessageType.self_test, new Uint8Array(), { costly: true }));
    const [ticks, all] = [answer.readUInt32LE(32), board.machine.cycles - cycles];
    expect(ticks).toBeGreaterThan(1_000_000);
    expect(ticks % 125).toBe(0); // in steps of a microsecond
    expect(ticks / all).toBeGreaterThan(0.95);
    expect(ticks / all).toBeLessThanOrEqual(1);
  });

  test('is reset by /reset, whatever ran, and answers again', async () => {
    start();
    await sayHello(client);
    client.send(MessageType.generate, client.nextId(), new Uint8Array(17).fill(1));
    board.write(Buffer.from('/reset\r'));
    const facts = await sayHello(client);
    expect(facts.model?.name).toBe('tiny-3');
    expect(board.machine.resets).toBe(1);
    // Counters begin anew.
    const stats = Buffer.from(await client.request(MessageType.stats, new Uint8Array()));
    expect(stats.readUInt32LE(8)).toBeLessThan(5);
  });

  test('firmware that does nonsense is reset by its fault handler', async () => {
    const flash = flashWith(tinyModel(3));
    start(flash);
    await sayHello(client);
    // The UART's handler, number 20, is to be where no memory is.
    const table = 256 + 4 * (16 + 20);
    const handler = new DataView(flash.buffer).getUint32(table, true);
    const broken = flash.slice();
    new DataView(broken.buffer).setUint32(table, 0x30000001, true);
    await client.close();
    board = new InlineBoard(broken);
    board.onData(() => undefined);
    board.write(Buffer.from('x'));
    for (let i = 0; i < 200 && board.machine.resets === 0; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(board.machine.resets).toBeGreaterThan(0);
    expect(handler).toBeGreaterThan(PICO.flash.origin);
    await board.close();
  });
});

/**
 * A program of one instruction that works at an address in r0, then goes round and round. Its fault handler resets the
 * chip by the core's own request, or does what is at fault again.
 */
function program(instruction: number, r0: number, handled = true): Uint8Array {
  const flash = new Uint8Array(PICO.flash.bytes).fill(0xff);
  flash.set(readFileSync(firmwareFile()).subarray(0, 256));
  const view = new DataView(flash.buffer);
  const words = (at: number, ...values: number[]): void =>
    values.forEach((v, i) => view.setUint32(at + 4 * i, v, true));
  const code = (at: number, ...values: number[]): void => values.forEach((v, i) => view.setUint16(at + 2 * i, v, true));
  words(0x100, 0x20001000, 0x10000201, 0, handled ? 0x10000221 : 0x10000201);
  code(0x200, 0x4801, instruction, 0xe7fe); // ldr r0, [0x208]; the instruction; b to itself
  words(0x208, r0);
  code(0x220, 0x4801, 0x4902, 0x6008, 0xe7fe); // ldr r0, [0x228]; ldr r1, [0x22c]; str r0, [r1]; b to itself
  words(0x228, 0x05fa0004, 0xe000ed0c);
  return flash;
}

const [STR, STRH, LDR, LDRH, UDF] = [0x6000, 0x8000, 0x6800, 0x8800, 0xde00];

built('the core', () => {
  const quiet = { onByte() {}, onFlash() {} };

  test.each([
    ['a word stored at no multiple of 4', STR, 0x20000002, 1],
    ['a half word stored at no multiple of 2', STRH, 0x20000001, 1],
    ['a word loaded from no multiple of 4', LDR, 0x20000002, 1],
    ['a half word loaded from no multiple of 2', LDRH, 0x10000001, 1],
    ['a word from where nothing is', LDR, 0x30000000, 1],
    ['an instruction there is not', UDF, 0, 1],
    ['a word stored where it may be', STR, 0x20000004, 0],
    ['a half word loaded from where it may be', LDRH, 0x10000002, 0],
  ])('%s', (_name, instruction, address, faults) => {
    const machine = new Rp2040Machine(program(instruction, address), quiet);
    machine.run(5000);
    expect(machine.resets > 0).toBe(faults > 0);
  });

  test('a fault in the fault handler locks it up, and that is an error', () => {
    const machine = new Rp2040Machine(program(STR, 0x20000002, false), quiet);
    expect(() => machine.run(100_000)).toThrow(/locked up/);
  });
});
