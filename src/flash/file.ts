/** Firmware and model as one file, for whoever flashes it. */
import type { BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { encodeHex } from './hex.js';
import { flatten, type Segment } from './segments.js';
import { encodeUf2 } from './uf2.js';

export const FILE_FORMATS = {
  /** From the start of flash; what lies between is erased flash. */
  bin: (segments: readonly Segment[]): Uint8Array => flatten(segments),
  hex: (segments: readonly Segment[]): Uint8Array => encodeHex(segments),
  uf2: (segments: readonly Segment[], family: number): Uint8Array => encodeUf2(segments, family),
} as const;

export type FileFormat = keyof typeof FILE_FORMATS;

/** The format a file's name asks for. @throws LinnetError usage */
export function formatOf(path: string): FileFormat {
  const format = /\.(bin|hex|uf2)$/i.exec(path)?.[1]!.toLowerCase() as FileFormat | undefined;
  if (format) return format;
  throw new LinnetError('usage', 'the name says no format', path, 'let it end in .uf2, .hex or .bin');
}

/** @throws LinnetError usage, if the board takes no UF2 */
export function encodeFile(board: BoardSpec, segments: readonly Segment[], format: FileFormat): Uint8Array {
  return FILE_FORMATS[format](segments, format === 'uf2' ? uf2Family(board) : 0);
}

function uf2Family(board: BoardSpec): number {
  for (const way of board.flashing?.ways ?? []) {
    if (way.way === 'uf2') return Number(way.family_id);
    if (way.way === 'tool' && way.uf2_family !== undefined) return Number(way.uf2_family);
  }
  throw new LinnetError('usage', `${board.name} takes no UF2`, '-o', 'write a .hex or .bin file');
}
