/** UF2, the file format of boot loaders that show a drive (github.com/microsoft/uf2): blocks of 512 bytes. */
import { ERASED, type Segment } from './segments.js';

const BLOCK_BYTES = 512;
const PAYLOAD_BYTES = 256;
const DATA_OFFSET = 32;
const MAGIC_START = [0x0a324655, 0x9e5d5157] as const;
const MAGIC_END = 0x0ab16f30;
const FAMILY_ID_PRESENT = 0x2000;
/**
 * Segments are padded to whole sectors. The RP2040's ROM erases a sector at every sixteenth block, whatever the blocks'
 * addresses are (erratum RP2040-E14), so blocks must come in full sectors.
 */
const SECTOR_BYTES = 4096;

export interface Uf2Options {
  /**
   * Begins with the first sector erased, and writes it at the very end. A board that loses its cable in between has
   * nothing to start and stays in its boot loader (the RP2040's ROM checks a CRC of the first 256 bytes). Only for a
   * drive that surely gets the blocks in this order.
   */
  readonly startLast?: boolean;
}

/**
 * @param segments ascending, each beginning at a multiple of 4096
 * @param familyId which chips take it
 */
export function encodeUf2(segments: readonly Segment[], familyId: number, { startLast }: Uf2Options = {}): Uint8Array {
  const sectors = segments.flatMap(sectorsOf);
  const [start, ...rest] = sectors;
  const written = startLast ? [{ ...start!, bytes: new Uint8Array() }, ...rest, start!] : sectors;
  const count = (written.length * SECTOR_BYTES) / PAYLOAD_BYTES;
  const file = new Uint8Array(count * BLOCK_BYTES);
  const view = new DataView(file.buffer);
  let number = 0;
  for (const { address, bytes } of written)
    for (let at = 0; at < SECTOR_BYTES; at += PAYLOAD_BYTES, number++) {
      const block = number * BLOCK_BYTES;
      const words = [...MAGIC_START, FAMILY_ID_PRESENT, address + at, PAYLOAD_BYTES, number, count, familyId];
      words.forEach((word, i) => view.setUint32(block + 4 * i, word, true));
      file.fill(ERASED, block + DATA_OFFSET, block + DATA_OFFSET + PAYLOAD_BYTES);
      file.set(bytes.subarray(at, at + PAYLOAD_BYTES), block + DATA_OFFSET);
      view.setUint32(block + BLOCK_BYTES - 4, MAGIC_END, true);
    }
  return file;
}

/** The last may be shorter than a sector. */
function sectorsOf({ address, bytes }: Segment): Segment[] {
  if (address % SECTOR_BYTES !== 0) throw new RangeError(`a UF2 segment at ${address} begins inside a sector`);
  return Array.from({ length: Math.ceil(bytes.length / SECTOR_BYTES) }, (_, i) => ({
    address: address + i * SECTOR_BYTES,
    bytes: bytes.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES),
  }));
}
