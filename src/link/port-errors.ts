/** Why a port could not be opened, and what to do about it. The serial binding reports errno only as text. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { LinnetError } from '../errors.js';
import { holderOf } from './port-holder.js';

export async function openError(path: string, cause: Error): Promise<LinnetError> {
  const text = cause.message;
  if (/Cannot lock|busy|Access denied/i.test(text)) return busyError(path, cause);
  if (/Permission denied|Operation not permitted/i.test(text))
    return new LinnetError('port_denied', 'you may not open this port', path, await permissionRemedy(path), { cause });
  const remedy = '"linnet boards" lists what is attached';
  if (/No such (file|device)|File not found|cannot find/i.test(text))
    return new LinnetError('no_such_port', 'no such port', path, `plug the board in; ${remedy}`, { cause });
  return new LinnetError('no_such_port', 'this is not a serial port', path, remedy, { cause });
}

/** Names the program, if that can be seen. */
export async function busyError(path: string, cause?: Error): Promise<LinnetError> {
  const holder = await holderOf(await realpath(path).catch(() => path));
  return new LinnetError(
    'port_busy',
    `the port is in use${holder ? ` by ${holder}` : ''}`,
    path,
    'close the program that holds it',
    { cause },
  );
}

/** With the group that owns the device file: dialout on Debian, uucp on Arch, … */
async function permissionRemedy(path: string): Promise<string> {
  const facts = await stat(path).catch(() => undefined);
  const group = facts && (await groupOf(facts.gid));
  if (!facts || !group || group.name === 'root' || (facts.mode & 0o060) !== 0o060)
    return `let yourself read and write it ("sudo chmod a+rw ${path}")`;
  const user = process.env['USER'] ?? process.env['LOGNAME'];
  if (user !== undefined && group.members.includes(user))
    return `you are in the group "${group.name}" since after you logged in: log out and in again`;
  return `join the group that owns it ("sudo usermod -aG ${group.name} $USER"), then log in again`;
}

async function groupOf(id: number): Promise<{ name: string; members: readonly string[] } | undefined> {
  const lines = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n');
  const fields = lines.map((line) => line.split(':')).find((field) => field[2] === String(id));
  return fields && { name: fields[0]!, members: (fields[3] ?? '').split(',') };
}
