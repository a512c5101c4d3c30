/** The boards Linnet knows: one folder each in firmware/boards/, described by its board.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinnetError } from '../errors.js';
import type { LayoutName } from '../image/pack.js';

/** How the board runs without the part. In arguments {firmware}, {image} and {flash} stand for file paths. */
export type EmulatorSpec = {
  /** qemu: a machine emulator that names its PTY; process: the firmware as a program of this computer. */
  readonly kind: 'qemu' | 'process';
  readonly program: string;
  readonly args: readonly string[];
} & (
  | {
      /** Firmware and model in one file, as they lie in flash. */
      readonly flash_args: readonly string[];
      readonly image_args?: never;
    }
  | {
      /** The model in a file of its own, beside the firmware: it lies in another memory. */
      readonly image_args: readonly string[];
      readonly flash_args?: never;
    }
);

/** Four hexadecimal digits each, in lower case, as the system lists them. */
export interface UsbId {
  readonly vendor_id: string;
  readonly product_id: string;
  readonly what: string;
}

/** board.json, sizes in bytes. */
export interface BoardSpec {
  readonly name: string;
  readonly title: string;
  /** Folder in firmware/mcu. */
  readonly mcu: string;
  readonly chip: string;
  readonly cpu: string;
  readonly clock_hz: number;
  /** The firmware lies at its start. */
  readonly flash: { readonly origin: number; readonly bytes: number };
  /** Where a model lies: in flash behind the firmware, or in another memory. `memory` is what messages call it. */
  readonly image: {
    readonly origin: number;
    /** The largest model. */
    readonly bytes: number;
    readonly memory: string;
    /** Room for a second one, as large, so that a model can be uploaded beside the live one. */
    readonly upload?: { readonly origin: number; readonly keeps: 'until_reset' | 'for_good' };
  };
  /** `arena_bytes` of it are for a model's state and scratch. */
  readonly ram: { readonly origin: number; readonly bytes: number; readonly arena_bytes: number };
  readonly uart: {
    readonly baud: number;
    readonly pins: string;
    /** Longest message of the link that it accepts (docs/link.md). */
    readonly message_bytes: number;
  };
  /** What shows up as its serial port: the chip itself, or an interface chip or debug probe on the board. */
  readonly usb?: readonly UsbId[];
  readonly emulator?: EmulatorSpec;
  /** How its kernels want weights to lie; row_major if not given. Packed at flashing (packImage). */
  readonly layout?: LayoutName;
  /** File the firmware build makes. */
  readonly firmware: string;
  /** The most real thing it was seen working on; `build`: compiled and its size checked, never run. */
  readonly verified: 'hardware' | 'emulator' | 'build';
  /** What the board's tick counter counts. */
  readonly ticks: string;
}

/** The package: src/boards and dist/boards are both two folders below it. */
export const PACKAGE_ROOT = join(__dirname, '..', '..');

/** All of them, by name. */
export function knownBoards(): BoardSpec[] {
  const folder = join(PACKAGE_ROOT, 'firmware', 'boards');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => JSON.parse(readFileSync(join(folder, entry.name, 'board.json'), 'utf8')) as BoardSpec)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** @throws LinnetError unknown_board */
export function findBoard(name: string): BoardSpec {
  const boards = knownBoards();
  const board = boards.find((b) => b.name === name);
  if (board) return board;
  const names = boards.map((b) => b.name).join(', ');
  throw new LinnetError('unknown_board', `unknown board "${name}"`, 'board', `choose one of ${names}`);
}
