/** Applies edits to an image, as the C++ tests do from vectors.txt. */
import { crc32 } from 'node:zlib';
import { ImageError } from '../../src/image/fault';
import { openImage } from '../../src/image/read';
import { Header } from '../../src/schema/image';
import type { StatusName } from '../../src/schema/status';
import type { Edit } from './faults/fault';

/**
 * @param size bytes of the result: cut, or filled up with zeros, before the edits
 * @param fixCrc then make the CRC right (if there is a header)
 */
export function damage(image: Uint8Array, size: number, edits: readonly Edit[], fixCrc: boolean): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(image.subarray(0, size));
  for (const { offset, bytes: values } of edits) bytes.set(values, offset);
  if (fixCrc && size >= Header.size)
    new DataView(bytes.buffer).setUint32(Header.offsets.crc32, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** What a reader says of an image. */
export function verdict(bytes: Uint8Array): { status: StatusName; where: number } {
  try {
    openImage(bytes, 'image');
    return { status: 'ok', where: 0 };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { status: error.code as StatusName, where: error.offset };
  }
}
