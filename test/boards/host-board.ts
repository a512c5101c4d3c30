/** The host board as a board on a cable: it can be pulled, frozen, reset and plugged in again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';

export class HostBoard {
  private child: ChildProcess | undefined;
  /** Its pseudo-terminal. */
  device = '';

  /** @param port a link to the pseudo-terminal, as /dev/serial/by-id has them: it stays the same */
  constructor(
    readonly port: string,
    private readonly image: string,
  ) {}

  async plugIn(): Promise<void> {
    const program = join(PACKAGE_ROOT, 'build-firmware', 'host', 'linnet-host-board');
    this.child = spawn(program, ['--image', this.image, '--exit-with-parent'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(this.child.stdout!, 'data')) as [Buffer];
    this.device = line.toString().trim();
    symlinkSync(this.device, this.port);
  }

  /** Nothing is said before it is gone. */
  async unplug(): Promise<void> {
    rmSync(this.port, { force: true });
    if (!this.child) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
    this.child = undefined;
  }

  freeze(): void {
    this.child!.kill('SIGSTOP');
  }

  thaw(): void {
    this.child!.kill('SIGCONT');
  }

  /** Processor time it has taken, in clock ticks (proc(5)). */
  cpuTicks(): number {
    const fields = readFileSync(`/proc/${this.child!.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  /** As if somebody typed at its console; "/reset" resets it and the line stays. */
  type(text: string): void {
    const line = openSync(this.device, 'w');
    writeSync(line, text);
    closeSync(line);
  }
}
