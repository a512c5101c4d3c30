/** What the system shows of serial ports: devices that look like those of Linux, in folders of the test. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findPorts, type DeviceFolders } from '../../src/link/find-ports.js';

let root: string;
let folders: DeviceFolders;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'linnet-dev-'));
  folders = { dev: join(root, 'dev'), sys: join(root, 'sys') };
  mkdirSync(folders.dev);
  mkdirSync(join(folders.sys, 'class', 'tty'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As sysfs has it: /sys/class/tty/<name>/device is a link to the interface, below the device with its ids. */
function plugIn(name: string, usb: string, attributes: Readonly<Record<string, string>>, below = '1.0'): void {
  writeFileSync(join(folders.dev, name), '');
  const device = join(folders.sys, 'devices', 'pci0', usb);
  const port = join(device, `${usb}:${below}`, 'tty', name);
  mkdirSync(port, { recursive: true });
  for (const [file, text] of Object.entries(attributes)) writeFileSync(join(device, file), text + '\n');
  symlinkSync(dirname(dirname(port)), join(port, 'device'));
  symlinkSync(port, join(folders.sys, 'class', 'tty', name));
}

const PICO = {
  idVendor: '2e8a',
  idProduct: '000a',
  manufacturer: 'Raspberry Pi',
  product: 'Pico',
  serial: 'E660583883',
};

test('a board on USB: its ids and names, of the device and not of a hub above it', async () => {
  plugIn('ttyACM0', '1-2', PICO);
  expect(await findPorts(folders)).toEqual([
    {
      path: join(folders.dev, 'ttyACM0'),
      vendorId: '2e8a',
      productId: '000a',
      manufacturer: 'Raspberry Pi',
      product: 'Pico',
      serialNumber: 'E660583883',
    },
  ]);
});

test('what a device does not say is left out', async () => {
  plugIn('ttyUSB0', '3-1', { idVendor: '1a86', idProduct: '7523' }, '1.0/ttyUSB0');
  const [port] = await findPorts(folders);
  expect(port).toMatchObject({ vendorId: '1a86', productId: '7523' });
  expect(port!.serialNumber).toBeUndefined();
});

test('ports in the order of their numbers; what cannot be a board is no port', async () => {
  for (const name of ['ttyACM10', 'ttyACM2', 'ttyUSB0', 'ttyS0', 'tty7', 'null', 'sda'])
    writeFileSync(join(folders.dev, name), '');
  const names = (await findPorts(folders)).map(({ path }) => path.slice(folders.dev.length + 1));
  expect(names).toEqual(['ttyACM2', 'ttyACM10', 'ttyUSB0']);
});

test('without /sys there are still the paths, and without /dev nothing', async () => {
  writeFileSync(join(folders.dev, 'ttyACM0'), '');
  expect(await findPorts({ ...folders, sys: join(root, 'none') })).toEqual([{ path: join(folders.dev, 'ttyACM0') }]);
  expect(await findPorts({ ...folders, dev: join(root, 'none') })).toEqual([]);
});
