/** Reads an image file whole, with every failure told in one line. */
import { open } from 'node:fs/promises';
import { LinnetError } from '../errors.js';

/** An image's size is a u32. */
const MAX_BYTES = 2 ** 32 - 1;

/** @throws {LinnetError} file_not_found, file_unreadable */
export async function readImageFile(path: string): Promise<Uint8Array> {
  let file;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    // Not /dev/zero, which never ends.
    if (!stat.isFile()) throw unreadable('not a regular file', path, 'give a .linnet file');
    if (stat.size > MAX_BYTES) throw unreadable('too large for an image', path, 'give a .linnet file');
    return await file.readFile();
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
