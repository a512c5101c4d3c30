/** Writes a file to the drive of a boot loader, which goes away by itself as soon as it has the last byte. */
import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LinnetError } from '../../errors.js';
import type { OnFlashProgress } from '../progress.js';

/** Given to the drive one by one, so that it gets them in order and progress is true. */
const CHUNK_BYTES = 32 * 1024;
/** What the system says of a drive that is gone: the device, the file system, or already the folder. */
const GONE = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOENT', 'EROFS', 'ESTALE', 'ENOTCONN', 'ESHUTDOWN']);

export interface DriveOptions {
  readonly onProgress?: OnFlashProgress;
  readonly signal?: AbortSignal;
}

/**
 * Writes a file once, in order, under its own name: to a drive that is no real file system a rename means nothing.
 * @throws LinnetError flash_failed, if the drive goes away early; file_unwritable
 */
export async function writeToDrive(
  folder: string,
  name: string,
  bytes: Uint8Array,
  { onProgress = () => undefined, signal }: DriveOptions = {},
): Promise<void> {
  const path = join(folder, name);
  let given = 0;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'w');
    while (given < bytes.length) {
      signal?.throwIfAborted();
      onProgress('write', given, bytes.length);
      await stat(path); // an open file of a folder that is gone can still be written
      const chunk = bytes.subarray(given, given + CHUNK_BYTES);
      given += chunk.length;
      await writeAll(file, chunk);
      await file.sync();
    }
  } catch (error) {
    signal?.throwIfAborted();
    // On the last block the board restarts, before the system has its answer.
    if (given < bytes.length || !isGone(error)) throw failure(folder, given, bytes.length, error);
  } finally {
    await file?.close().catch(() => undefined); // what matters is synced; the drive may be gone
  }
  onProgress('write', bytes.length, bytes.length);
}

/** What a debug probe says of the last file it got, if it did not like it: its FAIL.TXT. */
export async function probeFailure(folder: string): Promise<string | undefined> {
  try {
    const name = (await readdir(folder)).find((file) => file.toUpperCase() === 'FAIL.TXT');
    return name && (await readFile(join(folder, name), 'latin1')).trim().replace(/\s+/g, ' ').slice(0, 200);
  } catch {
    return undefined;
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

function isGone(error: unknown): boolean {
  return GONE.has((error as NodeJS.ErrnoException).code ?? '');
}

function failure(folder: string, given: number, total: number, cause: unknown): LinnetError {
  const { code } = cause as NodeJS.ErrnoException;
  const again = 'bring the board into its boot mode again, then flash it again';
  if (given > 0 && isGone(cause))
    return new LinnetError(
      'flash_failed',
      `the drive went away after at most ${given} of ${total} bytes (${code})`,
      folder,
      `the board is half flashed: ${again}`,
      { cause },
    );
  return new LinnetError(
    'file_unwritable',
    `cannot write to the drive (${code})`,
    folder,
    code === 'EACCES' || code === 'EPERM'
      ? 'mount the drive so that you may write to it (with udisksctl mount, or option uid)'
      : again,
    { cause },
  );
}
