/** A Raspberry Pi Pico in its boot mode: a drive that takes a UF2, and after it the emulated chip at a serial port. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBlock } from 'uf2';
import type { Machine } from '../../src/boards/machine.js';
import { findBoard } from '../../src/boards/registry.js';
import { startMachine } from '../../src/boards/start-machine.js';
import { Pty } from './pty.js';

const BLOCK = 512;
const board = findBoard('pico');

export class Pico {
  /** What flash holds, junk at first. */
  readonly flash = new Uint8Array(board.flash.bytes).fill(0x5a);
  readonly drive: string;
  private readonly root = mkdtempSync(join(tmpdir(), 'linnet-pico-'));
  private readonly watch: NodeJS.Timeout;
  private machine: Machine | undefined;
  /** Called with the number of blocks taken. */
  onTake: (count: number) => void = () => undefined;
  private taken = 0;
  private readonly erased = new Set<number>();
  /** The cable is pulled once so many blocks are taken. */
  pullAt = Infinity;

  private constructor(private readonly pty: Pty) {
    this.drive = join(this.root, 'RPI-RP2');
    mkdirSync(this.drive);
    writeFileSync(
      join(this.drive, 'INFO_UF2.TXT'),
      'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n',
    );
    this.watch = setInterval(() => this.take(), 2);
  }

  static async plugIn(): Promise<Pico> {
    return new Pico(await Pty.open());
  }

  get port(): string {
    return this.pty.path;
  }

  /** Power, without BOOTSEL. @throws LinnetError emulator_failed, if the ROM finds nothing to start */
  async boot(): Promise<void> {
    const file = join(this.root, 'flash.bin');
    writeFileSync(file, this.flash);
    this.machine = await startMachine(board, file);
    const line = await this.machine.open();
    line.onData((bytes) => this.pty.write(bytes));
    this.pty.onData = (bytes) => line.write(bytes);
  }

  async close(): Promise<void> {
    clearInterval(this.watch);
    await this.machine?.stop();
    await this.pty.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** What the ROM does: blocks as they come, a sector erased at every sixteenth, and off when it has them all. */
  private take(): void {
    const path = join(this.drive, 'LINNET.UF2');
    if (!existsSync(path)) return;
    const file = readFileSync(path);
    let total = Infinity;
    for (; (this.taken + 1) * BLOCK <= file.length; this.taken++) {
      if (this.taken >= this.pullAt) return this.unmount();
      const block = decodeBlock(file.subarray(this.taken * BLOCK, (this.taken + 1) * BLOCK));
      if (block.boardFamily !== 0xe48bff56) continue; // of another chip
      total = block.totalBlocks;
      this.program(block.blockNumber, block.flashAddress - board.flash.origin, block.payload);
    }
    this.onTake(this.taken);
    if (this.taken < total) return;
    this.unmount();
    void this.boot();
  }

  private program(number: number, at: number, payload: Uint8Array): void {
    const sector = at & ~4095;
    if (!this.erased.has(number >> 4)) this.flash.fill(0xff, sector, sector + 4096);
    this.erased.add(number >> 4);
    payload.forEach((byte, i) => (this.flash[at + i]! &= byte));
  }

  private unmount(): void {
    clearInterval(this.watch);
    rmSync(this.drive, { recursive: true, force: true });
  }
}
