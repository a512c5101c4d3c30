/** An emulated board whose RAM holds a known byte when it starts, and can be looked at: what it never wrote is seen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startEmulator, type RunningEmulator } from '../boards/emulator.js';
import { PACKAGE_ROOT, type BoardSpec, type ProgramEmulatorSpec } from '../boards/registry.js';
import { firmwareSize } from './firmware-size.js';

const PAINT = 0xa5;
const PROMPT = '(qemu) ';

export interface PaintedBoard {
  readonly emulator: RunningEmulator;
  /** Stack bytes that were used since start, at least, and those there are. @throws LinnetError file_not_found */
  stack(): Promise<{ used: number; size: number }>;
}

/**
 * @param board with QEMU as its emulator
 * @param flashFile as startEmulator has it
 * @param folder for files of its own, gone with it
 * @throws LinnetError of startEmulator; file_not_found
 */
export async function startPainted(board: BoardSpec, flashFile: string, folder: string): Promise<PaintedBoard> {
  const paint = join(folder, 'paint.bin');
  const monitor = join(folder, 'monitor');
  const dump = join(folder, 'ram.bin');
  const { origin } = board.ram;
  const bytes = Math.min(board.ram.bytes, 65536); // QEMU loads no more than the least machine has
  writeFileSync(paint, new Uint8Array(bytes).fill(PAINT));
  const { emulator } = board;
  if (emulator?.kind !== 'qemu') throw new TypeError(`the emulator of ${board.name} has no monitor`);
  const { stack: size } = await firmwareSize(board, 'firmware');
  const args = emulator.args.map((arg, i) =>
    emulator.args[i - 1] === '-monitor' ? `unix:${monitor},server=on,wait=off` : arg,
  );
  args.push(...load(paint, origin));
  const running = await startEmulator(
    { ...board, emulator: { ...withPlainFirmware(board, emulator), args } },
    flashFile,
  );
  return {
    emulator: running,
    async stack() {
      await command(monitor, `memsave 0x${origin.toString(16)} ${bytes} "${dump}"`);
      // It begins RAM and grows down to its start.
      const untouched = readFileSync(dump).findIndex((byte) => byte !== PAINT);
      return { used: size - untouched, size };
    },
  };
}

const load = (file: string, address: number): [string, string] => [
  '-device',
  `loader,file=${file.replaceAll(',', ',,')},addr=0x${address.toString(16)},force-raw=on`,
];

/** Its bytes, where they lie: with an ELF file QEMU fills RAM too. */
function withPlainFirmware(board: BoardSpec, emulator: ProgramEmulatorSpec): ProgramEmulatorSpec {
  if (!emulator.image_args) return emulator;
  const at = emulator.image_args.indexOf('-kernel');
  const firmware = join(PACKAGE_ROOT, 'build-firmware', board.name, board.firmware.replace(/\.elf$/, '.bin'));
  return { ...emulator, image_args: emulator.image_args.toSpliced(at, 2, ...load(firmware, board.flash.origin)) };
}

/** Runs one command of QEMU's monitor. */
function command(monitor: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(monitor);
    let output = '';
    let prompts = 0;
    socket.on('error', reject);
    socket.on('data', (data) => {
      output += data.toString();
      const seen = output.split(PROMPT).length - 1;
      if (prompts === 0 && seen > 0) socket.write(`${line}\n`);
      if (prompts > 0 && output.endsWith(PROMPT) && seen > prompts) {
        socket.destroy();
        resolve();
      }
      prompts = Math.max(prompts, seen);
    });
  });
}
