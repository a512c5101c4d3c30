/** Reads an image file whole, with every failure told in one line. */
import { open } from 'node:fs/promises';
import { LinnetError } from '../errors.js';

/** An image's size is a u32. */
const MAX_BYTES = 2 ** 32 - 1;
/** A read of 2 GiB or more fails. */
const CHUNK = 2 ** 30;

/**
 * @param allocate gives the memory to read it to
 * @throws {LinnetError} file_not_found, file_unreadable
 */
export async function readImageFile(
  path: string,
  allocate = (bytes: number): Uint8Array => new Uint8Array(bytes),
): Promise<Uint8Array> {
  let file;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    // Not /dev/zero, which never ends.
    if (!stat.isFile()) throw unreadable('not a regular file', path, 'give a .linnet file');
    if (stat.size > MAX_BYTES) throw unreadable('too large for an image', path, 'give a .linnet file');
    const image = allocate(stat.size);
    let at = 0;
    for (let got = -1; at < image.length && got !== 0; at += got)
      ({ bytesRead: got } = await file.read(image, at, Math.min(image.length - at, CHUNK), at));
    if (at < image.length) throw unreadable('it is being changed', path, 'try again');
    return image;
  } catch (error) {
    if (error instanceof LinnetError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new LinnetError('file_not_found', 'no such file', path, 'check the path', { cause: error });
    throw unreadable(`cannot read it (${code})`, path, 'check the path and its permissions', error);
  } finally {
    await file?.close();
  }
}

function unreadable(what: string, path: string, remedy: string, cause?: unknown): LinnetError {
  return new LinnetError('file_unreadable', what, path, remedy, { cause });
}
