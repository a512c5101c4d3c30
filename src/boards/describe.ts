/** Facts about boards in words, for `linnet boards` and docs/boards.md. */
import type { BoardSpec, FlashWay } from './registry.js';

/** In the largest unit that gives a whole number: 131072 → "128 KB" */
export function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let unit = 0;
  for (; unit < units.length - 1 && bytes > 0 && bytes % 1024 === 0; unit++) bytes /= 1024;
  return `${bytes} ${units[unit]}`;
}

/** The most real thing the board was seen working on. */
export function describeVerified({ verified, emulator }: BoardSpec): string {
  if (verified === 'hardware') return 'hardware';
  if (verified === 'build') return 'built, not run';
  return { qemu: 'emulator (QEMU)', rp2040js: 'emulator (rp2040js)', process: 'as a process' }[emulator!.kind];
}

/** How to flash the real board that way, as a command line and what it does. */
export function describeWay(board: string, way: FlashWay): string {
  const command = `linnet flash ${board} <image>`;
  switch (way.way) {
    case 'uf2':
      return `\`${command} --drive <folder>\`: a UF2 file, to the drive ${way.volume}`;
    case 'hex_drive':
      return `\`${command} --drive <folder>\`: a hex file, to the drive ${way.volume}`;
    case 'stm32_rom':
      return `\`${command} --port <path>\`: the boot loader in the chip's ROM, over a UART (ST AN3155)`;
    case 'tool':
      return `\`${command} --with ${way.program}\`: hands over to ${way.program}, if it is installed`;
  }
}
