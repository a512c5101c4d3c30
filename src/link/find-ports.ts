/** Serial ports a board could be on. */
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { SerialPort } from 'serialport';

/** USB and Bluetooth names: a built-in ttyS0 is there on every PC and rarely has a board on it. */
const BOARD_PORT = /^\/dev\/(ttyACM|ttyUSB|ttyAMA|rfcomm|cu\.usb|cu\.wch|serial\d)|^COM\d/;

/** Paths, sorted. Never throws. */
export async function findPorts(): Promise<string[]> {
  try {
    // On Linux SerialPort.list() runs udevadm, and without it raises an error event nobody can catch.
    if (process.platform === 'linux' && !(await onPath('udevadm'))) return await portsInDev();
    const ports = await SerialPort.list();
    return ports
      .map((port) => port.path)
      .filter((path) => BOARD_PORT.test(path))
      .sort();
  } catch {
    return [];
  }
}

async function portsInDev(): Promise<string[]> {
  const names = await readdir('/dev');
  return names
    .map((name) => `/dev/${name}`)
    .filter((path) => BOARD_PORT.test(path))
    .sort();
}

async function onPath(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    if (
      await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}
