/** Files the commands read and write, with every failure told in one line. */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LinnetError } from '../errors.js';

/** Longer texts do not fit a JavaScript string. */
const MAX_TEXT_BYTES = 512 * 1024 * 1024;

/** A UTF-8 text file, unpacked if its name ends in .gz. */
export function readText(path: string): string {
  let bytes = readBytes(path);
  if (path.endsWith('.gz')) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
    } catch (error) {
      throw new LinnetError('bad_text', 'not a readable gzip file', path, 'unpack it yourself and give the result', {
        cause: error,
      });
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new LinnetError('bad_text', 'not UTF-8 text', path, 'convert it, for instance with iconv -t utf-8', {
      cause: error,
    });
  }
}

function readBytes(path: string): Buffer {
  try {
    // /dev/zero has no end.
    if (statSync(path).isCharacterDevice())
      throw new LinnetError('file_unreadable', 'is a device', path, 'give a file');
    return readFileSync(path);
  } catch (error) {
    if (error instanceof LinnetError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const [what, remedy] = READ_FAILURES[code ?? ''] ?? [
      `cannot read it (${code})`,
      'check the path and its permissions',
    ];
    throw new LinnetError(code === 'ENOENT' ? 'file_not_found' : 'file_unreadable', what, path, remedy, {
      cause: error,
    });
  }
}

const READ_FAILURES: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['no such file', 'check the path'],
  ENOTDIR: ['part of the path is not a folder', 'check the path'],
  EISDIR: ['is a directory', 'give a file'],
  EACCES: ['not allowed to read it', 'check its permissions'],
  ERR_FS_FILE_TOO_LARGE: ['file is too large', 'give a smaller one'],
};

/**
 * Writes a file whole or not at all: into a temporary file beside it, then renamed over it. What is there and
 * not a regular file, such as /dev/stdout, is written directly.
 * @param option that names the file, for messages
 */
export function writeFileWhole(path: string, bytes: Uint8Array, option = '-o'): void {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) return write(path, bytes);
    const target = existing ? realpathSync(path) : path; // a link stays a link
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      write(temporary, bytes);
      renameSync(temporary, target);
    } catch (error) {
      try {
        rmSync(temporary, { force: true });
      } catch {
        // The first error says more.
      }
      throw error;
    }
  } catch (error) {
    throw unwritable(error as NodeJS.ErrnoException, path, option);
  }
}

/** Finds what would keep a file from being written, before the work that makes it. */
export function expectWritable(path: string, option = '-o'): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(error as NodeJS.ErrnoException, path, option);
  }
}

function write(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    if (fstatSync(file).isFile()) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function unwritable(error: NodeJS.ErrnoException, path: string, option: string): LinnetError {
  const [what, remedy] = WRITE_FAILURES[error.code ?? ''] ?? [
    `cannot write it (${error.code})`,
    'write elsewhere with -o',
  ];
  return new LinnetError('file_unwritable', what, path, remedy.replace('-o', option), { cause: error });
}

const WRITE_FAILURES: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['disk is full', 'free some space or write elsewhere with -o'],
  EDQUOT: ['disk quota is used up', 'free some space or write elsewhere with -o'],
  EFBIG: ['file is larger than the system lets it be', 'raise the limit (ulimit -f) or write elsewhere with -o'],
  ENOENT: ['folder does not exist', 'make it first, or write elsewhere with -o'],
  ENOTDIR: ['part of the path is not a folder', 'write elsewhere with -o'],
  EISDIR: ['is a directory', 'give a file name with -o'],
  EACCES: ['not allowed to write here', 'write elsewhere with -o'],
  EPERM: ['not allowed to write here', 'write elsewhere with -o'],
  EROFS: ['file system is read-only', 'write elsewhere with -o'],
};
