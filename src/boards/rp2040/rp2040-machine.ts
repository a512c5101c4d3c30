/**
 * A Raspberry Pi Pico in this thread: rp2040js (the chip's core and peripherals) with what it lacks to be a board that
 * boots, sleeps, resets and writes its flash. Its cycles are those of the Cortex-M0+'s timing table; misses of the
 * cache that flash is read through cost nothing here.
 */
import { RP2040 } from 'rp2040js';
import { CycleClock } from './cycle-clock.js';
import { CODE_BYTES, FastCore } from './fast-core.js';
import { boot2Crc, buildRom, ROM_BYTES, ROM_FUNCTIONS, type RomFunction } from './rom.js';
import { FlashMisuse, PAGE_BYTES, SECTOR_BYTES, SpiFlash } from './spi-flash.js';

/** Between looks at the serial line and the clock's alarms. */
const BATCH = 4096;
const UNCONFIGURED_HZ = 6_500_000;
const RAM_BASE = 0x20000000;
/** Where the ROM puts boot2, and its stack below. */
const BOOT2_AT = 0x20041f00;
const BOOT2_BYTES = 256;
/** RAM at power-on holds anything; not what a program hopes for. */
const RANDOM_RAM = 0xa5;
const WATCHDOG = 0x40058;
const SSI = 0x18000;
const AIRCR = 0xd0c;
const AIRCR_RESET = 0x05fa0004;
const HARD_FAULT = 3;
const UART_QUEUE_FULL = 1 << 6;
/** W25Q16JV, typical: ns to erase a sector, to program a page. */
const ERASE_NANOS = 45e6;
const PROGRAM_NANOS = 0.4e6;

export interface MachineEvents {
  /** A byte on the UART's line. */
  onByte(byte: number): void;
  /** Flash holds something else, from `offset` on. */
  onFlash(offset: number, length: number): void;
}

export class Rp2040Machine {
  /** Times it was reset by itself: watchdog, or the core's own request. */
  resets = 0;
  private chip!: RP2040;
  private core!: FastCore;
  private clock!: CycleClock;
  private readonly flash: SpiFlash;
  private readonly incoming: number[] = [];
  private taken = 0;
  private resetWanted = false;
  private cyclesBefore = 0;

  /**
   * @param bytes the whole of flash; changes as the firmware writes it
   * @throws Error, if there is nothing to boot
   */
  constructor(
    bytes: Uint8Array,
    private readonly events: MachineEvents,
  ) {
    this.flash = new SpiFlash(bytes, (at, length) => {
      if (at < CODE_BYTES) this.core.forget();
      events.onFlash(at, length);
    });
    this.powerOn();
  }

  /** Cycles of the core since it was made. */
  get cycles(): number {
    return this.cyclesBefore + this.chip.core.cycles;
  }

  /** Sleeps until something comes on the line. */
  get asleep(): boolean {
    return this.chip.core.waiting && this.incoming.length === this.taken;
  }

  /** Bytes that come on the UART's line, as fast as the firmware takes them from its queue of 32. */
  feed(bytes: Uint8Array): void {
    for (const byte of bytes) this.incoming.push(byte);
  }

  /** The time that passed while it was asleep. */
  sleep(milliseconds: number): void {
    this.clock.skip(milliseconds * 1e6);
  }

  /** Runs for so many instructions, or until it sleeps. @throws Error, if the core has locked up */
  run(instructions: number): void {
    for (let left = instructions; left > 0; left -= BATCH) {
      this.supply();
      this.clock.ring();
      this.wake();
      if (this.chip.core.waiting) return;
      this.runBatch(this.chip.core);
      if (this.resetWanted) this.reset();
    }
  }

  private runBatch(core: RP2040['core']): void {
    try {
      this.core.run(BATCH);
    } catch (error) {
      if (!(error instanceof GuestFault)) throw error;
      if (core.IPSR === HARD_FAULT) throw new Error(`the core has locked up: ${error.message}`, { cause: error });
      core.exceptionEntry(HARD_FAULT);
    }
  }

  private supply(): void {
    const uart = this.chip.uart[0]!;
    while (this.taken < this.incoming.length && (uart.flags & UART_QUEUE_FULL) === 0)
      uart.feedByte(this.incoming[this.taken++]!);
    if (this.taken < this.incoming.length) return;
    this.incoming.length = 0;
    this.taken = 0;
  }

  /** An interrupt that was pending before WFI ends it at once; rp2040js would wait for the next one. */
  private wake(): void {
    const { core } = this.chip;
    if (core.waiting && (core.pendingInterrupts & core.enabledInterrupts) !== 0) core.waiting = false;
  }

  private reset(): void {
    this.resets++;
    this.resetWanted = false;
    this.cyclesBefore = this.cycles;
    this.powerOn();
  }

  /** What the ROM does: it checks boot2, copies it to RAM and calls it with no way back. */
  private powerOn(): void {
    this.clock = new CycleClock(UNCONFIGURED_HZ);
    const chip = new RP2040(this.clock);
    this.chip = chip;
    this.clock.core = chip.core;
    chip.bootrom.set(buildRom());
    chip.sram.fill(RANDOM_RAM);
    this.flash.powerOn(chip.flash);
    this.wire(chip);
    this.core = new FastCore(chip, () => this.flash.readable);

    const boot2 = this.flash.bytes.subarray(0, BOOT2_BYTES);
    const crc = new DataView(boot2.buffer, boot2.byteOffset).getUint32(BOOT2_BYTES - 4, true);
    if (boot2Crc(boot2.subarray(0, -4)) !== crc)
      throw new Error('there is no firmware in flash: the checksum of its first 256 bytes is wrong');
    chip.sram.set(boot2, BOOT2_AT - RAM_BASE);
    chip.core.SP = BOOT2_AT;
    chip.core.LR = 0;
    chip.core.PC = BOOT2_AT;
  }

  private wire(chip: RP2040): void {
    const { core, ppb } = chip;
    chip.logger = { debug() {}, info() {}, warn: refuseNonsense, error: refuseNonsense };
    chip.addClockListener((hz) => (this.clock.frequency = hz));
    chip.uart[0]!.onByte = (byte) => this.events.onByte(byte);
    chip.peripherals[SSI] = this.flash;
    chip.onBreak = (code) => {
      if (core.PC >= ROM_BYTES) throw new GuestFault(`breakpoint or undefined instruction before ${core.PC}`);
      this.romFunction(ROM_FUNCTIONS[code]!, core.registers);
    };

    const requestReset = (): void => {
      this.resetWanted = true;
      core.waiting = true; // ends the batch
    };
    (chip.peripherals[WATCHDOG] as unknown as { onWatchdogTrigger: () => void }).onWatchdogTrigger = requestReset;
    const writePpb = ppb.writeUint32.bind(ppb);
    ppb.writeUint32 = (offset, value) => {
      if (offset !== AIRCR) writePpb(offset, value);
      else if (value >>> 0 === AIRCR_RESET) requestReset();
    };
    refuseUnaligned(chip);
    // A core that sleeps with interrupts off wakes at one without taking it (Arm DDI 0419, B1.5.17); rp2040js takes it.
    const checkForInterrupts = core.checkForInterrupts.bind(core);
    core.checkForInterrupts = () =>
      core.waiting && core.PM ? (core.pendingInterrupts & core.enabledInterrupts) !== 0 : checkForInterrupts();
  }

  private romFunction(name: RomFunction, [r0, r1, r2]: Uint32Array): void {
    switch (name) {
      case 'IF': // connect_internal_flash()
      case 'EX': // flash_exit_xip()
        return this.flash.leaveXip();
      case 'RE': // flash_range_erase(offset, count, block size, block command)
        this.clock.skip((r1! / SECTOR_BYTES) * ERASE_NANOS);
        return this.written(() => this.flash.erase(r0!, r1!));
      case 'RP': {
        // flash_range_program(offset, data, count)
        const data = Uint8Array.from({ length: r2! }, (_, i) => this.chip.readUint8(r1! + i));
        this.clock.skip((r2! / PAGE_BYTES) * PROGRAM_NANOS);
        return this.written(() => this.flash.program(r0!, data));
      }
      case 'FC': // flash_flush_cache(): there is none
        return;
    }
  }

  private written(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw error instanceof FlashMisuse ? new GuestFault(error.message) : error;
    }
  }
}

/** What a real core answers with a hard fault. */
class GuestFault extends Error {}

/** The chip's own complaints, and the core's, are about accesses and instructions there are not. */
function refuseNonsense(component: string, message: string): void {
  if (component === 'RP2040' || component === 'CortexM0Core') throw new GuestFault(message);
}

/** The core has no unaligned access (Arm DDI 0419, A3.2.1); rp2040js allows most. */
function refuseUnaligned(chip: RP2040): void {
  const check = (address: number, bytes: number): void => {
    if (address % bytes !== 0) throw new GuestFault(`${bytes} bytes at ${address}, which is no multiple of that`);
  };
  const readUint16 = chip.readUint16.bind(chip);
  const [writeUint16, writeUint32] = [chip.writeUint16.bind(chip), chip.writeUint32.bind(chip)];
  chip.readUint16 = (address) => (check(address, 2), readUint16(address));
  chip.writeUint16 = (address, value) => (check(address, 2), writeUint16(address, value));
  chip.writeUint32 = (address, value) => (check(address, 4), writeUint32(address, value));
}
