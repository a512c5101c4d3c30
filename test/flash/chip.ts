/** A whole STM32 at a serial port: its ROM, and after GO the machine emulator on what was flashed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedProcess } from '../../src/boards/guarded-process.js';
import { findBoard, type Stm32Rom } from '../../src/boards/registry.js';
import { Pty } from './pty.js';
import { SimulatedRom, type RomOptions } from './stm32-rom.js';

export const board = findBoard('netduinoplus2');
export const facts = board.flashing!.ways.find((way) => way.way === 'stm32_rom') as Stm32Rom;

export class Chip {
  readonly rom: SimulatedRom;
  private readonly folder = mkdtempSync(join(tmpdir(), 'linnet-chip-'));
  private machine: GuardedProcess | undefined;
  private server: Server | undefined;
  private uart: Socket | undefined;

  private constructor(
    private readonly pty: Pty,
    options: RomOptions,
  ) {
    this.rom = new SimulatedRom(
      facts,
      (bytes) => pty.write(bytes),
      () => this.boot(),
      options,
    );
    pty.onData = (bytes) => this.rom.receive(bytes);
  }

  static async attach(options: RomOptions = {}): Promise<Chip> {
    return new Chip(await Pty.open(), options);
  }

  get port(): string {
    return this.pty.path;
  }

  /** What the chip does when it comes out of reset with BOOT0 low. */
  boot(): void {
    const flash = join(this.folder, 'flash.bin');
    writeFileSync(flash, this.rom.flash);
    const socket = join(this.folder, 'uart');
    this.pty.onData = () => undefined; // nobody listens before the firmware does
    this.server = createServer((uart) => {
      this.uart = uart;
      uart.on('error', () => undefined);
      uart.on('data', (bytes) => this.pty.write(bytes));
      this.pty.onData = (bytes) => void uart.write(bytes);
    });
    this.server.listen(socket, () => {
      const emulator = board.emulator!;
      if (emulator.kind !== 'qemu') throw new Error(`${board.name} is not emulated by QEMU any more`);
      const machine = [...emulator.args, ...emulator.flash_args!].map((arg) =>
        arg === 'pty' ? `unix:${socket}` : arg.replace('{flash}', flash),
      );
      this.machine = new GuardedProcess(emulator.program, machine, () => undefined);
    });
  }

  async close(): Promise<void> {
    await this.machine?.stop();
    this.uart?.destroy();
    this.server?.close();
    await this.pty.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
