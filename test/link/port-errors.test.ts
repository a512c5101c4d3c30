/** Words for a port that cannot be opened. */
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openError } from '../../src/link/port-errors.js';
import { openSerialPort } from '../../src/link/serial-port.js';

let folder: string;
let device: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-port-'));
  device = join(folder, 'ttyUSB0');
  writeFileSync(device, '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const denied = (): Promise<string> =>
  openError(device, new Error(`Error: Permission denied, cannot open ${device}`)).then(({ message }) => message);

const groups = readFileSync('/etc/group', 'utf8')
  .split('\n')
  .map((line) => line.split(':'));
const idOf = (group: string): number | undefined => {
  const id = groups.find(([name]) => name === group)?.[2];
  return id === undefined ? undefined : Number(id);
};

// Only root may give a file to a group it is not in.
const asRoot = process.getuid?.() === 0 && idOf('dialout') !== undefined ? test : test.skip;

asRoot('permission denied names the group that owns the device', async () => {
  chmodSync(device, 0o660);
  chownSync(device, 0, idOf('dialout')!);
  expect(await denied()).toBe(
    `you may not open this port (${device}): join the group that owns it ("sudo usermod -aG dialout $USER"), then log in again`,
  );
  chownSync(device, 0, idOf('tty')!);
  expect(await denied()).toContain('usermod -aG tty $USER');
});

test('permission denied where no group may open it either', async () => {
  chmodSync(device, 0o600);
  expect(await denied()).toContain(`sudo chmod a+rw ${device}`);
});

test.each<[string, () => string, string, RegExp]>([
  ['that is not there', () => join(folder, 'ttyACM7'), 'no_such_port', /no such port.*plug the board in/],
  ['that is a file', () => device, 'no_such_port', /not a serial port.*linnet boards/],
  ['that is a folder', () => folder, 'no_such_port', /not a serial port/],
  ['that is a device of another kind', () => '/dev/null', 'no_such_port', /not a serial port/],
])('a port %s', async (_title, path, code, message) => {
  const error = await openSerialPort(path()).then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ code });
  expect(error!.message).toMatch(message);
});
