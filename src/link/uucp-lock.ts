/**
 * Lock files as minicom, uucp and ppp know them (FHS 3.0, 5.9: /var/lock/LCK..ttyS0 holds the process id in ten
 * characters). The lock that counts is flock(2), which serialport takes on the open device and tio and picocom
 * honour; minicom looks at this file only.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { holdsOpen } from './port-holder.js';

const FOLDER = '/var/lock';

export interface UucpLock {
  /** Process that holds the port; undefined: it is ours now. */
  readonly heldBy: number | undefined;
  /** Gives the port back. */
  release(): void;
}

/**
 * Takes the lock file of a device, or says who has it. A file left by a process that has ended, or does not have the
 * device open, is replaced. Where nobody may write lock files there are none, and the port is ours.
 */
export async function takeUucpLock(device: string, folder = FOLDER): Promise<UucpLock> {
  const path = join(folder, `LCK..${device.replace(/^\/dev\//, '').replaceAll('/', '_')}`);
  const mine = join(folder, `LTMP.${randomUUID()}`);
  try {
    // Written under another name first: nobody ever reads half a number.
    await writeFile(mine, `${String(process.pid).padStart(10)}\n`, { mode: 0o644 });
    for (;;) {
      try {
        await link(mine, path);
        return { heldBy: undefined, release: () => rmSync(path, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return NO_LOCK;
      }
      const owner = await readOwner(path);
      if (owner !== undefined && (await holdsOpen(owner, device))) return { heldBy: owner, release: () => undefined };
      await rm(path, { force: true });
    }
  } catch {
    return NO_LOCK; // no such folder, or not ours to write in
  } finally {
    await rm(mine, { force: true }).catch(() => undefined);
  }
}

const NO_LOCK: UucpLock = { heldBy: undefined, release: () => undefined };

async function readOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'latin1').catch(() => '');
  return /^ *\d+\n?$/.test(text) ? Number(text) : undefined;
}
