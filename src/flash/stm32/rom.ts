/** The commands of the boot loader in the ROM of an STM32, over a UART (ST AN3155; AN2606 for what each chip has). */
import { LinnetError } from '../../errors.js';
import { Line, Silence } from './line.js';

export const BLOCK_BYTES = 256;

const SYNC = 0x7f;
const ACK = 0x79;
const NACK = 0x1f;
const Command = {
  get: 0x00,
  getId: 0x02,
  read: 0x11,
  go: 0x21,
  write: 0x31,
  erase: 0x43,
  extendedErase: 0x44,
} as const;

/** An answer to a few bytes, with room for a USB adapter and a busy computer, ms. */
const ANSWER_MS = 1000;
/** Erasing 128 KB takes an STM32F4 4 s at most, an H7 as long (datasheets, flash memory characteristics). */
const ERASE_MS = 2000;
const ERASE_MS_A_BYTE = 6000 / 131072;

/** A 0x7F that no answer comes to is given up after, ms. */
const SYNC_ANSWER_MS = 150;
const SYNC_TRIES = 10;
/** The line is taken for quiet after, ms. */
const QUIET_MS = 30;
/** More than a ROM still waits for in the middle of a block: 256 bytes, their number and checksum. */
const FLOOD_BYTES = 260;
/** At the slowest rate that makes sense, 9600 baud, ms. */
const FLOOD_MS = 320;

const TRIES = 5;

/** The ROM refused. `stage`: the command itself, or what followed it. */
class Refused extends Error {
  constructor(readonly stage: 'command' | 'operand') {
    super(`refused the ${stage}`);
  }
}

export class Stm32RomLoader {
  private constructor(
    private readonly line: Line,
    private readonly commands: ReadonlySet<number>,
    /** Which chip it is: AN2606, "product ID". */
    readonly productId: number,
  ) {}

  /**
   * Finds the boot loader at the other end, whatever state an earlier host left it in.
   * @throws LinnetError no_boot_loader
   */
  static async enter(line: Line): Promise<Stm32RomLoader> {
    if (!(await synchronize(line))) throw noBootLoader(line, 'nothing answers there as the boot loader of an STM32');
    const bare = new Stm32RomLoader(line, new Set(), 0);
    const [, ...commands] = await bare.list(Command.get);
    const [high = 0, low = 0] = await bare.list(Command.getId);
    return new Stm32RomLoader(line, new Set(commands), (high << 8) | low);
  }

  /** @param count at most 256. @throws LinnetError flash_protected, flash_failed */
  async read(address: number, count: number): Promise<Uint8Array> {
    return this.repeat(`read ${hex(address)}`, async () => {
      await this.command(Command.read);
      await this.operand(addressBytes(address));
      await this.operand([count - 1, ~(count - 1) & 0xff]);
      return Uint8Array.from(await this.line.read(count, ANSWER_MS));
    });
  }

  /** @param bytes at most 256, a multiple of 4, to erased flash. @throws LinnetError flash_protected, flash_failed */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    await this.repeat(`write ${hex(address)}`, async (again) => {
      // Flash that has error correction cannot be written twice, so look whether only the answer was lost.
      if (again && equal(await this.read(address, bytes.length), bytes)) return;
      await this.command(Command.write);
      await this.operand(addressBytes(address));
      await this.operand(withChecksum([bytes.length - 1, ...bytes]), ANSWER_MS);
    });
  }

  /** @param index of a sector of so many bytes. @throws LinnetError flash_protected, flash_failed */
  async erase(index: number, bytes: number): Promise<void> {
    const extended = this.commands.has(Command.extendedErase);
    const page = extended ? [index >> 8, index & 0xff] : [index];
    const count = extended ? [0, 0] : [0]; // less one
    await this.repeat(`erase sector ${index}`, async () => {
      await this.command(extended ? Command.extendedErase : Command.erase);
      await this.operand(withChecksum([...count, ...page]), ERASE_MS + bytes * ERASE_MS_A_BYTE);
    });
  }

  /** Starts what lies at an address, a vector table. */
  async go(address: number): Promise<void> {
    await this.repeat('start the firmware', async () => {
      await this.command(Command.go);
      try {
        await this.operand(addressBytes(address));
      } catch (error) {
        // If only the answer was lost the firmware runs, and answers to nothing here.
        if (!(error instanceof Silence)) throw error;
      }
    });
  }

  /** Answer of GET and GET ID: a number, then as many bytes and one. */
  private async list(command: number): Promise<number[]> {
    return this.repeat('say what it is', async () => {
      await this.command(command);
      const [count] = await this.line.read(1, ANSWER_MS);
      const bytes = await this.line.read(count! + 1, ANSWER_MS);
      await this.answer('operand', ANSWER_MS);
      return bytes;
    });
  }

  private async command(code: number): Promise<void> {
    this.line.write([code, ~code & 0xff]);
    await this.answer('command', ANSWER_MS);
  }

  private async operand(bytes: readonly number[], timeoutMs = ANSWER_MS): Promise<void> {
    this.line.write(bytes);
    await this.answer('operand', timeoutMs);
  }

  private async answer(stage: 'command' | 'operand', timeoutMs: number): Promise<void> {
    const [byte] = await this.line.read(1, timeoutMs);
    if (byte === NACK) throw new Refused(stage);
    if (byte !== ACK) throw new Silence(`${hex(byte!)} instead of an answer`);
  }

  /** Tries a command until it works, from a common start each time. `again`: it may have been carried out already. */
  private async repeat<T>(what: string, act: (again: boolean) => Promise<T>): Promise<T> {
    let last: Refused | Silence | undefined;
    for (let i = 0; i < TRIES; i++) {
      try {
        if (i > 0 && !(await synchronize(this.line))) break;
        return await act(i > 0);
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Silence)) throw error;
        last = error;
      }
    }
    throw this.failure(what, last!);
  }

  private failure(what: string, last: Refused | Silence): LinnetError {
    const { name } = this.line;
    if (last instanceof Silence)
      return new LinnetError(
        'flash_failed',
        `the boot loader fell silent when told to ${what}`,
        name,
        'check the wiring and the ground, start the boot loader again, then flash again',
      );
    // AN3155, 3: with read protection on, the ROM refuses these commands whatever follows.
    if (last.stage === 'command')
      return new LinnetError(
        'flash_protected',
        `the chip is protected against reading, and refuses to ${what}`,
        name,
        `lift the protection, which erases the chip ("stm32flash -k ${name}"), then flash again`,
      );
    return new LinnetError(
      'flash_failed',
      `the boot loader refuses to ${what}`,
      name,
      `lift a write protection ("stm32flash -u ${name}"), and check that this is the board you named`,
    );
  }
}

/**
 * Brings the ROM to where it waits for a command. Fresh from reset it answers the first 0x7F (by which it measures
 * the baud rate) with ACK. Later 0x7F is a wrong command: after two of them, or one where it waits for a second byte,
 * comes NACK. Inside a block of data it takes up to 257 of them first.
 */
async function synchronize(line: Line): Promise<boolean> {
  await line.drain(QUIET_MS);
  for (let i = 1; i <= SYNC_TRIES; i++) {
    line.write([SYNC]);
    try {
      const [byte] = await line.read(1, SYNC_ANSWER_MS);
      const more = await line.drain(QUIET_MS); // a console that talks is no boot loader
      if ((byte === ACK || byte === NACK) && more === 0) return true;
    } catch (error) {
      if (!(error instanceof Silence)) throw error;
    }
    if (i % 4 === 0) {
      line.write(new Uint8Array(FLOOD_BYTES).fill(SYNC));
      await line.drain(FLOOD_MS);
    }
  }
  return false;
}

export function noBootLoader(line: Pick<Line, 'name'>, what: string): LinnetError {
  return new LinnetError(
    'no_boot_loader',
    what,
    line.name,
    'bring the board into its boot mode (BOOT0 high, then reset) and check that TX and RX are crossed',
  );
}

function addressBytes(address: number): number[] {
  return withChecksum([address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff]);
}

/** So that all bytes together XOR to 0. */
function withChecksum(bytes: readonly number[]): number[] {
  return [...bytes, bytes.reduce((sum, byte) => sum ^ byte, 0)];
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
