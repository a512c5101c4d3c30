/** Who has a device open, as far as /proc tells: everybody's processes to root, otherwise one's own. */
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** "tio (process 1234)", or undefined if that cannot be seen. @param device its real path, no link */
export async function holderOf(device: string): Promise<string | undefined> {
  const names = await readdir('/proc').catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name) || !(await openDevices(Number(name)))?.includes(device)) continue;
    const program = await readFile(`/proc/${name}/comm`, 'utf8').catch(() => '');
    return `${program.trim() || 'a program'} (process ${name})`;
  }
  return undefined;
}

/** Whether a process has the device open; also true of one that lives and does not let itself be looked at. */
export async function holdsOpen(pid: number, device: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return (await openDevices(pid))?.includes(device) ?? true;
}

/** Undefined: it does not let itself be looked at. */
async function openDevices(pid: number): Promise<string[] | undefined> {
  const folder = `/proc/${pid}/fd`;
  try {
    const descriptors = await readdir(folder);
    return await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  } catch (error) {
    // A process that has ended and that its parent has not looked after yet has no descriptors.
    const ended = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync('/proc/self/fd');
    return ended ? [] : undefined;
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
