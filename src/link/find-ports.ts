/** Serial ports a board could be on, with what USB says about them. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SerialPort } from 'serialport';

export interface FoundPort {
  readonly path: string;
  /** USB ids, four lower-case hex digits; absent for a port that is not on USB. */
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly product?: string | undefined;
  /** Of the device: the same wherever it is plugged in. */
  readonly serialNumber?: string | undefined;
}

/** Where Linux shows its devices; tests have their own. */
export interface DeviceFolders {
  readonly dev: string;
  readonly sys: string;
}

const LINUX: DeviceFolders = { dev: '/dev', sys: '/sys' };

/** USB and Bluetooth names: a built-in ttyS0 is there on every PC and rarely has a board on it. */
const BOARD_PORT = /^(ttyACM|ttyUSB|ttyAMA|rfcomm|cu\.usb|cu\.wch|serial\d|COM\d)/;

/** Sorted by path. Never throws. */
export async function findPorts(folders?: DeviceFolders): Promise<FoundPort[]> {
  try {
    // On Linux SerialPort.list() runs udevadm, and where that is missing raises an error event nobody can catch.
    const ports = folders || process.platform === 'linux' ? await portsInDev(folders ?? LINUX) : await listedPorts();
    return ports.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

async function portsInDev({ dev, sys }: DeviceFolders): Promise<FoundPort[]> {
  const names = (await readdir(dev)).filter((name) => BOARD_PORT.test(name));
  return Promise.all(names.map(async (name) => ({ path: join(dev, name), ...(await usbFacts(sys, name)) })));
}

/** A port is part of an interface of a USB device: the first folder above it that has a vendor. */
async function usbFacts(sys: string, name: string): Promise<Omit<FoundPort, 'path'>> {
  let folder = await realpath(join(sys, 'class', 'tty', name, 'device')).catch(() => undefined);
  const root = await realpath(sys).catch(() => sys);
  for (; folder !== undefined && folder.startsWith(root) && folder !== root; folder = dirname(folder)) {
    const vendorId = await attribute(folder, 'idVendor');
    if (vendorId === undefined) continue;
    const [productId, manufacturer, product, serialNumber] = await Promise.all(
      ['idProduct', 'manufacturer', 'product', 'serial'].map((file) => attribute(folder!, file)),
    );
    return { vendorId, productId, manufacturer, product, serialNumber };
  }
  return {};
}

async function attribute(folder: string, file: string): Promise<string | undefined> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '');
  return text.trim() || undefined;
}

async function listedPorts(): Promise<FoundPort[]> {
  const ports = await SerialPort.list();
  return ports
    .filter(({ path }) => BOARD_PORT.test(path.replace(/^\/dev\//, '')))
    .map(({ path, vendorId, productId, manufacturer, serialNumber, ...more }) => ({
      path,
      vendorId: vendorId?.toLowerCase(),
      productId: productId?.toLowerCase(),
      manufacturer,
      product: (more as { friendlyName?: string }).friendlyName,
      serialNumber,
    }));
}
