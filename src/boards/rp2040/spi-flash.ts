/**
 * The Pico's flash chip (Winbond W25Q16JV) and the controller it is read through (RP2040 Datasheet, 4.10).
 *
 * rp2040js shows flash to the core as plain memory. Here it is that only while the controller is set up for it, as
 * boot2 does it; else the beginning, where all code is, reads as instructions that are undefined.
 */
import type { RP2040 } from 'rp2040js';

type Peripheral = ReturnType<RP2040['findPeripheral']>;

export const SECTOR_BYTES = 4096;
export const PAGE_BYTES = 256;
/** More than any firmware. */
const HIDDEN_BYTES = 65536;
/** UDF #0xde, twice. */
const HIDDEN = 0xde;

/** Registers, from 0x18000000. */
const CTRLR0 = 0x00;
const SSIENR = 0x08;
const SR = 0x28;
const DR0 = 0x60;
const SPI_CTRLR0 = 0xf4;
const SR_IDLE = 0b0110; // all sent, room for more
const SR_RECEIVED = 0b1000;
/** CTRLR0: frames of 8 bits, both ways; of 32 on four lines, read after an address. */
const FRAMES_8 = 0x00070000;
const FRAMES_QUAD = 0x005f0300;
/** SPI_CTRLR0 for EBh: 32 bits of address and mode, 4 clocks' wait; with a command of 8 bits before, or A0h for good. */
const QUAD_WITH_COMMAND = 0x2221;
const QUAD_CONTINUED = 0xa0002022;
const FAST_READ_QUAD = 0xeb;
const MODE_CONTINUED = 0xa0;

const WRITE_STATUS = 0x01;
const READ_STATUS_1 = 0x05;
const WRITE_ENABLE = 0x06;
const READ_STATUS_2 = 0x35;
const QUAD_ENABLE = 0x02;

/** A command the chip would not have carried out as meant. */
export class FlashMisuse extends Error {}

export class SpiFlash implements Peripheral {
  private readonly registers = new Map<number, number>();
  private readonly received: number[] = [];
  private sent: number[] = [];
  private status = [0, 0];
  private writeEnabled = false;
  /** The chip takes addresses without a command. */
  private continued = false;
  /** The core can fetch from it. */
  readable = false;

  private window: Uint8Array = new Uint8Array();

  /**
   * @param bytes what the chip holds
   * @param onChange is told of every part that is written
   */
  constructor(
    readonly bytes: Uint8Array,
    private readonly onChange: (offset: number, length: number) => void,
  ) {}

  /**
   * The chip as the ROM leaves it, before it calls boot2. Its status lasts.
   * @param window where the core sees it; at least as long
   */
  powerOn(window: Uint8Array): void {
    this.window = window;
    window.set(this.bytes);
    this.readable = true;
    this.registers.clear();
    this.leaveXip();
  }

  /** From here on flash takes commands and cannot be read. */
  leaveXip(): void {
    this.continued = false;
    this.show(false);
  }

  /** Sets whole sectors to ones. @throws FlashMisuse */
  erase(offset: number, count: number): void {
    this.expectWritable(offset, count, SECTOR_BYTES);
    this.bytes.fill(0xff, offset, offset + count);
    this.changed(offset, count);
  }

  /** Sets bits of whole pages to 0. @throws FlashMisuse */
  program(offset: number, data: Uint8Array): void {
    this.expectWritable(offset, data.length, PAGE_BYTES);
    for (let i = 0; i < data.length; i++) this.bytes[offset + i]! &= data[i]!;
    this.changed(offset, data.length);
  }

  readUint32(offset: number): number {
    if (offset === SR) {
      this.endCommand();
      return SR_IDLE | (this.received.length > 0 ? SR_RECEIVED : 0);
    }
    if (offset === DR0) return this.received.shift() ?? 0;
    return this.registers.get(offset) ?? 0;
  }

  writeUint32(offset: number, value: number): void {
    value >>>= 0;
    if (offset === DR0) this.send(value);
    else this.registers.set(offset, value);
    if (offset === SSIENR) this.enable(value === 1);
  }

  writeUint32Atomic(offset: number, value: number, kind: number): void {
    const old = this.registers.get(offset) ?? 0;
    this.writeUint32(offset, [value, old ^ value, old | value, old & ~value][kind]!);
  }

  private register(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private enable(on: boolean): void {
    this.received.length = 0;
    this.sent = [];
    const reads = this.register(CTRLR0) === FRAMES_QUAD && this.register(SPI_CTRLR0) === QUAD_CONTINUED;
    this.show(on && reads && this.continued);
  }

  private send(value: number): void {
    if (this.register(SSIENR) !== 1) return;
    if (this.register(CTRLR0) === FRAMES_8) {
      this.received.push(this.sent.length > 0 ? this.answer(this.sent[0]!) : 0xff);
      this.sent.push(value & 0xff);
    } else if (this.register(CTRLR0) === FRAMES_QUAD && this.register(SPI_CTRLR0) === QUAD_WITH_COMMAND) {
      this.sent.push(value);
      const [command, address] = this.sent;
      if (command !== FAST_READ_QUAD || address === undefined || (this.status[1]! & QUAD_ENABLE) === 0) return;
      this.continued = (address & 0xff) === MODE_CONTINUED;
      this.received.push(0);
    }
  }

  private answer(command: number): number {
    if (command === READ_STATUS_1) return this.status[0]! | (this.writeEnabled ? 2 : 0);
    return command === READ_STATUS_2 ? this.status[1]! : 0xff;
  }

  /** The chip acts when it is deselected. */
  private endCommand(): void {
    const [command, ...data] = this.sent;
    if (command === WRITE_ENABLE && this.register(CTRLR0) === FRAMES_8) this.writeEnabled = true;
    if (command === WRITE_STATUS && data.length === 2 && this.writeEnabled) {
      this.status = data;
      this.writeEnabled = false;
    }
    this.sent = [];
  }

  private show(readable: boolean): void {
    if (readable === this.readable) return;
    this.readable = readable;
    if (readable) this.window.set(this.bytes.subarray(0, HIDDEN_BYTES));
    else this.window.fill(HIDDEN, 0, HIDDEN_BYTES);
  }

  private changed(offset: number, length: number): void {
    this.onChange(offset, length);
    if (offset >= HIDDEN_BYTES) this.window.set(this.bytes.subarray(offset, offset + length), offset);
  }

  private expectWritable(offset: number, count: number, unit: number): void {
    if (this.readable || this.continued) throw new FlashMisuse('flash was to be written while code is read from it');
    if (offset % unit !== 0 || count % unit !== 0 || offset + count > this.bytes.length)
      throw new FlashMisuse(
        `flash was to be written at ${offset}, ${count} bytes: these are no whole units of ${unit}`,
      );
  }
}
