/** Files that are there while a program works with them, and those that a program left which was killed meanwhile. */
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The folder may be one that several computers share, so a process id alone does not tell whose it is. */
const NAME = /^(.*)\.(\d+)\.[0-9a-f-]{36}\.tmp$/;

/** A new name in a folder. Whoever uses it removes the file, or renames it. */
export function temporaryIn(folder: string): string {
  return join(folder, `${hostname()}.${process.pid}.${randomUUID()}.tmp`);
}

/** Removes what processes of this computer left that have ended. Never throws: it is there for tidiness alone. */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (host === hostname() && !isAlive(Number(pid)))
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
