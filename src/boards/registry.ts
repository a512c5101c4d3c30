/** The boards Linnet knows: one folder each in firmware/boards/, described by its board.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinnetError } from '../errors.js';

/** How the board runs without the part. */
export type EmulatorSpec = ProgramEmulatorSpec | LibraryEmulatorSpec;

/** A program with a PTY. In arguments {firmware}, {image} and {flash} stand for file paths. */
export type ProgramEmulatorSpec = {
  /** qemu: a machine emulator that names its PTY; process: the firmware as a program of this computer. */
  readonly kind: 'qemu' | 'process';
  readonly program: string;
  readonly args: readonly string[];
} & (
  | {
      /** Firmware and model in one file, as they lie in flash. */
      readonly flash_args: readonly string[];
      /** What that file is, if not plain bytes. */
      readonly flash_file?: 'elf';
      readonly image_args?: never;
    }
  | {
      /** The model in a file of its own, beside the firmware: it lies in another memory. */
      readonly image_args: readonly string[];
      readonly flash_args?: never;
      readonly flash_file?: never;
    }
);

/** A library, in a thread of this process: the rp2040js package. It has firmware and model in flash. */
export interface LibraryEmulatorSpec {
  readonly kind: 'rp2040js';
  readonly program?: never;
  readonly args?: never;
  readonly flash_args?: never;
  readonly flash_file?: never;
  readonly image_args?: never;
}

/** Four hexadecimal digits each, in lower case, as the system lists them. */
export interface UsbId {
  readonly vendor_id: string;
  readonly product_id: string;
  readonly what: string;
}

/** A way of getting firmware and model onto the real board. Numbers in strings are hexadecimal: "0xe48bff56". */
export type FlashWay =
  /** A UF2 file copied to the drive the boot loader shows. `volume`: Board-ID or Model of its INFO_UF2.TXT. */
  | { readonly way: 'uf2'; readonly family_id: string; readonly volume: string }
  /** The boot loader in the ROM of an STM32, over a UART. */
  | ({ readonly way: 'stm32_rom' } & Stm32Rom)
  /**
   * A hex file copied to the drive of a debug probe (DAPLink). `volume`: its name. `unique_ids`: how the Unique ID in
   * its DETAILS.TXT may begin, where drives of other boards have the same name.
   */
  | { readonly way: 'hex_drive'; readonly volume: string; readonly unique_ids?: readonly string[] }
  /**
   * A program that is installed. In `args` {bin}, {hex} and {uf2} stand for files with firmware and model, {address}
   * for the start of flash. `uf2_family`: needed for {uf2}. `package`: what brings the program, if not its own name.
   */
  | {
      readonly way: 'tool';
      readonly program: string;
      readonly args: readonly string[];
      readonly package?: string;
      readonly uf2_family?: string;
    };

/** ST AN2606 has the product ids, the reference manual of the part its sectors. */
export interface Stm32Rom {
  readonly product_id: string;
  /** Flash from its start: so many sectors (pages) of so many bytes each. The ROM numbers them from 0. */
  readonly sectors: readonly { readonly count: number; readonly bytes: number }[];
  /** Of the ROM's UART, which need not have the pins of the link. */
  readonly baud: number;
}

/** How the real board is flashed. */
export interface Flashing {
  /** What a person does to bring it into its boot mode, and out of it. */
  readonly steps: readonly string[];
  /** The first of a kind is taken: --port a serial one, --drive a drive, --with a program. */
  readonly ways: readonly FlashWay[];
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
  /** Absent where there is no real board, or no way to flash it from here. */
  readonly flashing?: Flashing;
  /** File the firmware build makes. */
  readonly firmware: string;
  /** The most real thing it was seen working on; `build`: compiled and its size checked, never run. */
  readonly verified: 'hardware' | 'emulator' | 'build';
  /** What else one should know, a sentence each. */
  readonly notes?: readonly string[];
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
