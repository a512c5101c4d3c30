/** The emulated chip's flash on disk: a file that changes as flash does, so what was uploaded runs next time too. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryIn } from '../temporary.js';

export class FlashFile {
  private file: number | undefined;

  /**
   * @param path the board's; others may write it too, and who was last has it
   * @param bytes all of flash, which the emulator writes
   */
  constructor(
    private readonly path: string,
    private readonly bytes: Uint8Array,
  ) {}

  /**
   * Keeps what changed. The first time a file of our own takes the path, whole; from then on it is written in place, a
   * sector or page at once, as flash is.
   * @throws Error of the system
   */
  write(offset: number, length: number): void {
    if (this.file === undefined) this.file = this.takeOver();
    else this.put(this.file, offset, length);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private takeOver(): number {
    const fresh = temporaryIn(dirname(this.path));
    const file = openSync(fresh, 'wx');
    try {
      this.put(file, 0, this.bytes.length);
      renameSync(fresh, this.path);
      return file;
    } catch (error) {
      closeSync(file);
      rmSync(fresh, { force: true });
      throw error;
    }
  }

  private put(file: number, offset: number, length: number): void {
    for (let done = 0; done < length;) done += writeSync(file, this.bytes, offset + done, length - done, offset + done);
  }
}
