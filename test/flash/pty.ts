/** A pseudo-terminal whose far end is this process. Node cannot make one, so socat does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Pty {
  onData: (bytes: Uint8Array) => void = () => undefined;

  private constructor(
    /** What a host opens. */
    readonly path: string,
    private readonly socat: ChildProcess,
    private readonly folder: string,
    private readonly held: number,
  ) {
    socat.stdout!.on('data', (bytes: Buffer) => this.onData(bytes));
    socat.stdin!.on('error', () => undefined); // closed while we wrote
  }

  static async open(): Promise<Pty> {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-pty-'));
    const path = join(folder, 'tty');
    const socat = spawn('socat', [`pty,rawer,link=${path}`, 'stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    for (let i = 0; i < 200 && !existsSync(path); i++) await new Promise((resolve) => setTimeout(resolve, 25));
    // Held open, for socat ends when the last user of its terminal closes it.
    const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    return new Pty(path, socat, folder, held);
  }

  write(bytes: Uint8Array): void {
    this.socat.stdin!.write(bytes);
  }

  /** As when the cable is pulled. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.socat.once('close', resolve));
    if (this.socat.exitCode === null) {
      this.socat.kill('SIGKILL');
      await ended;
    }
    closeSync(this.held);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
