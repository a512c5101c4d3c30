/** A Pico in the test's own thread, so that a test can look into it and cut its power. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flashImage } from '../../../src/boards/flash-image.js';
import { findBoard, PACKAGE_ROOT } from '../../../src/boards/registry.js';
import { Rp2040Machine } from '../../../src/boards/rp2040/rp2040-machine.js';
import type { LinnetError } from '../../../src/errors.js';
import type { Transport } from '../../../src/link/transport.js';

export const PICO = findBoard('pico');

/** Path of the firmware, built here or brought along. */
export function firmwareFile(): string {
  const paths = ['build-firmware', 'prebuilt'].map((folder) => join(PACKAGE_ROOT, folder, 'pico', 'firmware.bin'));
  return paths.find(existsSync)!;
}

/** All of flash, with the firmware and a model. */
export function flashWith(image: Uint8Array): Uint8Array {
  const flash = new Uint8Array(PICO.flash.bytes).fill(0xff);
  flash.set(flashImage(PICO, readFileSync(firmwareFile()), image));
  return flash;
}

/** The serial line of a machine that runs whenever nothing else does. */
export class InlineBoard implements Transport {
  readonly name = 'inline';
  readonly machine: Rp2040Machine;
  /** Text and frames it sent, if nobody listens. */
  unheard = '';
  private readonly sent: number[] = [];
  private listener: ((bytes: Uint8Array) => void) | undefined;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private running = false;
  private open = true;

  /** @param onFlash called after each change; what it throws ends the machine like a loss of power */
  constructor(flash: Uint8Array, onFlash: (offset: number, length: number) => void = () => undefined) {
    this.machine = new Rp2040Machine(flash, { onByte: (byte) => this.sent.push(byte), onFlash });
    this.start();
  }

  write(bytes: Uint8Array): void {
    this.machine.feed(bytes);
    this.start();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener;
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.closeListener = listener;
  }

  close(): Promise<void> {
    this.open = false;
    return Promise.resolve();
  }

  private start(): void {
    if (!this.running) setImmediate(() => this.run());
    this.running = true;
  }

  private run(): void {
    if (!this.open) return;
    try {
      this.machine.run(100_000);
    } catch (error) {
      this.open = false;
      this.closeListener(error as LinnetError);
      return;
    }
    const bytes = Uint8Array.from(this.sent.splice(0));
    if (this.listener && bytes.length > 0) this.listener(bytes);
    else this.unheard += Buffer.from(bytes).toString('latin1');
    this.running = !this.machine.asleep;
    if (this.running) setImmediate(() => this.run());
  }
}
