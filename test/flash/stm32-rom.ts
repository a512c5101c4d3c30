/** The boot loader in the ROM of an STM32 with its flash, as AN3155 describes it, byte by byte. */
import type { Stm32Rom as RomFacts } from '../../src/boards/registry.js';
import { sectorMap, type Sector } from '../../src/flash/stm32/sectors.js';

const ACK = 0x79;
const NACK = 0x1f;
const GET = 0x00;
const GET_VERSION = 0x01;
const GET_ID = 0x02;
const READ = 0x11;
const GO = 0x21;
const WRITE = 0x31;
const ERASE = 0x43;
const EXTENDED_ERASE = 0x44;
const WRITE_UNPROTECT = 0x73;
const READOUT_UNPROTECT = 0x92;
/** All that read protection leaves (AN3155, table 2, note 2). */
const ALWAYS = [GET, GET_VERSION, GET_ID, READOUT_UNPROTECT];

export interface RomOptions {
  readonly origin?: number;
  /** What flash held before; by default junk, so that a forgotten erase shows. */
  readonly flash?: Uint8Array;
  readonly readProtected?: boolean;
  /** Sectors that neither erase nor program; the ROM acknowledges all the same (AN3155, 3.8). */
  readonly writeProtected?: readonly number[];
  /** ECC: a double word that is not erased cannot be programmed. */
  readonly ecc?: boolean;
  /** Erases pages by command 0x43. */
  readonly plainErase?: boolean;
  /** Time an erase takes, ms. */
  readonly eraseMs?: number;
}

type Bytes = Generator<Promise<void> | undefined, number, number>;
type Steps = Generator<Promise<void> | undefined, boolean | void, number>;

export class SimulatedRom {
  readonly flash: Uint8Array;
  readonly erased: number[] = [];
  /** Addresses of blocks in the order they were programmed. */
  readonly written: number[] = [];
  /** Called for each byte received: what it returns arrives instead. */
  onByte: (byte: number) => number | undefined = (byte) => byte;
  /** Called at every block programmed, with how many there were. */
  onWrite: (count: number) => void = () => undefined;
  private readProtected: boolean;
  private readonly writeProtected: Set<number>;
  private readonly sectors: readonly Sector[];
  private readonly origin: number;
  private readonly productId: number;
  private waiting: number[] = [];
  private busy = false;
  private started = false;
  private readonly life: Generator<Promise<void> | undefined, void, number>;

  /**
   * @param send what goes to the host
   * @param go called with the address to start; the ROM is deaf from then on
   */
  constructor(
    facts: RomFacts,
    private readonly send: (bytes: Uint8Array) => void,
    private readonly go: (address: number) => void = () => undefined,
    private readonly options: RomOptions = {},
  ) {
    this.origin = options.origin ?? 0x0800_0000;
    this.sectors = sectorMap(this.origin, facts.sectors);
    const bytes = this.sectors.reduce((sum, sector) => sum + sector.bytes, 0);
    this.flash = options.flash ?? Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
    this.productId = Number(facts.product_id);
    this.readProtected = options.readProtected ?? false;
    this.writeProtected = new Set(options.writeProtected);
    this.life = this.run();
    this.life.next();
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const arrived = this.onByte(byte);
      if (arrived !== undefined) this.waiting.push(arrived);
    }
    this.feed();
  }

  /** Whether the chip would start something: the stack pointer of its vector table is not erased flash. */
  get startsSomething(): boolean {
    return !this.flash.subarray(0, 8).every((byte) => byte === 0xff);
  }

  private feed(): void {
    while (!this.busy && !this.started && this.waiting.length > 0) this.step(this.waiting.shift()!);
  }

  private step(byte: number): void {
    const { value } = this.life.next(byte);
    if (!value) return;
    this.busy = true;
    void value.then(() => {
      this.busy = false;
      this.step(0);
      this.feed();
    });
  }

  private *run(): Generator<Promise<void> | undefined, void, number> {
    while ((yield) !== 0x7f);
    this.answer(ACK);
    for (;;) {
      const [command, complement] = [yield, yield];
      if ((command ^ complement) !== 0xff || !this.allowed(command)) this.answer(NACK);
      else if ((yield* this.obey(command)) === false) this.answer(NACK);
    }
  }

  private get commands(): number[] {
    const erase = this.options.plainErase ? ERASE : EXTENDED_ERASE;
    return [GET, GET_VERSION, GET_ID, READ, GO, WRITE, erase, WRITE_UNPROTECT, READOUT_UNPROTECT];
  }

  private allowed(command: number): boolean {
    return this.commands.includes(command) && (!this.readProtected || ALWAYS.includes(command));
  }

  /** @returns false: refused */
  private *obey(command: number): Steps {
    this.answer(ACK);
    switch (command) {
      case GET:
        return this.answer(this.commands.length, 0x31, ...this.commands, ACK);
      case GET_VERSION:
        return this.answer(0x31, 0, 0, ACK);
      case GET_ID:
        return this.answer(1, this.productId >> 8, this.productId & 0xff, ACK);
      case READ:
        return yield* this.read();
      case WRITE:
        return yield* this.write();
      case GO:
        return yield* this.start();
      case ERASE:
      case EXTENDED_ERASE:
        return yield* this.erase(command === EXTENDED_ERASE);
      case WRITE_UNPROTECT:
        this.writeProtected.clear();
        return this.answer(ACK);
      case READOUT_UNPROTECT:
        this.readProtected = false;
        this.flash.fill(0xff);
        return this.answer(ACK);
    }
  }

  /** Four bytes and a checksum; the offset in flash, or undefined. */
  private *address(): Generator<undefined, number | undefined, number> {
    const [a, b, c, d, sum] = [yield, yield, yield, yield, yield];
    const offset = ((a << 24) | (b << 16) | (c << 8) | d) - this.origin;
    return (a ^ b ^ c ^ d) === sum && offset >= 0 && offset < this.flash.length ? offset : undefined;
  }

  private *read(): Steps {
    const offset = yield* this.address();
    if (offset === undefined) return false;
    this.answer(ACK);
    const [count, complement] = [yield, yield];
    if ((count ^ complement) !== 0xff) return false;
    this.answer(ACK, ...this.flash.subarray(offset, offset + count + 1));
  }

  private *write(): Steps {
    const offset = yield* this.address();
    if (offset === undefined) return false;
    this.answer(ACK);
    const count = (yield) + 1;
    const bytes: number[] = [];
    while (bytes.length < count) bytes.push(yield);
    if (bytes.reduce((a, b) => a ^ b, count - 1) !== (yield)) return false;
    if (count % 4 !== 0 || offset + count > this.flash.length) return false;
    const old = this.flash.subarray(offset, offset + count);
    if (this.options.ecc && !old.every((byte) => byte === 0xff)) return false;
    // Programming only clears bits.
    if (!this.isProtected(offset)) bytes.forEach((byte, i) => (this.flash[offset + i]! &= byte));
    this.written.push(this.origin + offset);
    this.onWrite(this.written.length);
    this.answer(ACK);
  }

  private *erase(extended: boolean): Steps {
    const number = function* (): Bytes {
      return extended ? ((yield) << 8) | (yield) : yield;
    };
    const sum = { value: 0 };
    const take = function* (): Bytes {
      const n: number = yield* number();
      sum.value ^= (n >> 8) ^ (n & 0xff);
      return n;
    };
    const count = yield* take();
    const all = extended ? count >= 0xfff0 : count === 0xff;
    if (!all && count >= this.sectors.length) return false;
    const pages: number[] = [];
    while (!all && pages.length <= count) pages.push(yield* take());
    const expected = all && !extended ? 0 : sum.value;
    if ((yield) !== expected) return false;
    const chosen = all ? this.sectors : pages.map((page) => this.sectors[page]);
    if (chosen.some((sector) => !sector)) return false;
    if (this.options.eraseMs) yield new Promise<void>((resolve) => setTimeout(resolve, this.options.eraseMs));
    for (const sector of chosen) this.eraseSector(sector!);
    this.answer(ACK);
  }

  private eraseSector({ index, address, bytes }: Sector): void {
    this.erased.push(index);
    const offset = address - this.origin;
    if (!this.writeProtected.has(index)) this.flash.fill(0xff, offset, offset + bytes);
  }

  private *start(): Steps {
    const offset = yield* this.address();
    if (offset === undefined) return false;
    this.answer(ACK);
    this.started = true;
    this.go(this.origin + offset);
  }

  private isProtected(offset: number): boolean {
    const at = this.origin + offset;
    return this.sectors.some((s) => this.writeProtected.has(s.index) && at >= s.address && at < s.address + s.bytes);
  }

  private answer(...bytes: number[]): void {
    this.send(Uint8Array.from(bytes));
  }
}
