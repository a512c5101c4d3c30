/** The flash chip by itself: ones become zeros page by page, and ones again a sector at once; it is read only after boot2. */
import { FlashMisuse, SpiFlash } from '../../../src/boards/rp2040/spi-flash.js';

const changes: [number, number][] = [];
let window: Uint8Array;
let flash: SpiFlash;
beforeEach(() => {
  changes.length = 0;
  window = new Uint8Array(1 << 20);
  const bytes = new Uint8Array(window.length).fill(0xff);
  flash = new SpiFlash(bytes, (offset, length) => changes.push([offset, length]));
  flash.powerOn(window);
});

const page = (value: number): Uint8Array => new Uint8Array(256).fill(value);
/** Registers of the controller, and what boot2 writes to them. */
const [CTRLR0, SSIENR, SR, DR0, SPI_CTRLR0] = [0x00, 0x08, 0x28, 0x60, 0xf4];

function write(...pairs: readonly (readonly [number, number])[]): void {
  for (const [register, value] of pairs) flash.writeUint32(register, value);
}

function setQuadEnable(): void {
  write([SSIENR, 0], [CTRLR0, 0x00070000], [SSIENR, 1], [DR0, 0x06]);
  flash.readUint32(SR);
  write([DR0, 0x01], [DR0, 0x00], [DR0, 0x02]);
  flash.readUint32(SR);
}

function continueQuadRead(mode: number): void {
  write([SSIENR, 0], [CTRLR0, 0x005f0300], [SPI_CTRLR0, 0x2221], [SSIENR, 1], [DR0, 0xeb], [DR0, mode]);
  write([SSIENR, 0], [SPI_CTRLR0, 0xa0002022], [SSIENR, 1]);
}

test('programming clears bits and never sets them; erasing sets a sector', () => {
  flash.program(0x20000, page(0x0f));
  flash.program(0x20000, page(0xf1));
  expect([flash.bytes[0x20000], flash.bytes[0x200ff], flash.bytes[0x20100]]).toEqual([0x01, 0x01, 0xff]);
  flash.erase(0x20000, 4096);
  expect(flash.bytes[0x20000]).toBe(0xff);
  expect(changes).toEqual([
    [0x20000, 256],
    [0x20000, 256],
    [0x20000, 4096],
  ]);
});

test('units that are not whole are refused, and so is what lies behind the end', () => {
  expect(() => flash.program(0x20001, page(0))).toThrow(FlashMisuse);
  expect(() => flash.program(0x20000, new Uint8Array(255))).toThrow(FlashMisuse);
  expect(() => flash.erase(0x20100, 4096)).toThrow(FlashMisuse);
  expect(() => flash.erase(0xff000, 8192)).toThrow(FlashMisuse);
  expect(changes).toEqual([]);
});

test('code can be read only once quad reading is enabled, begun and set up to go on', () => {
  const code = (): boolean => flash.readable && window[0] === 0xff;
  expect(code()).toBe(false);
  continueQuadRead(0xa0);
  expect(code()).toBe(false); // the chip does not take quad commands yet
  setQuadEnable();
  continueQuadRead(0x00);
  expect(code()).toBe(false); // it waits for a command again
  continueQuadRead(0xa0);
  expect(code()).toBe(true);
  flash.writeUint32(SSIENR, 0);
  expect(code()).toBe(false);
});

test('while it is read it takes no commands', () => {
  setQuadEnable();
  continueQuadRead(0xa0);
  expect(() => flash.program(0x20000, page(0))).toThrow(/while code is read/);
  flash.leaveXip();
  flash.program(0x20000, page(0));
  flash.program(0x100, page(0));
  expect(window[0x100]).not.toBe(0); // and cannot be read
  continueQuadRead(0xa0);
  expect([window[0x100], window[0x20000]]).toEqual([0, 0]);
});

test('a status is written only after it was allowed', () => {
  const status2 = (): number => {
    write([SSIENR, 0], [CTRLR0, 0x00070000], [SSIENR, 1], [DR0, 0x35], [DR0, 0]);
    flash.readUint32(SR);
    flash.readUint32(DR0);
    return flash.readUint32(DR0);
  };
  write([SSIENR, 0], [CTRLR0, 0x00070000], [SSIENR, 1], [DR0, 0x01], [DR0, 0x00], [DR0, 0x02]);
  flash.readUint32(SR);
  expect(status2()).toBe(0);
  setQuadEnable();
  expect(status2()).toBe(2);
});
