/** Another model on the board of a conversation: uploaded if it takes that, flashed if it is emulated. */
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { openImage } from '../../image/read.js';
import type { Io } from '../command.js';
import { startProgress } from '../progress.js';
import { thousands } from '../table.js';
import type { Connection } from './connection.js';

/** @returns what was done, a phrase @throws LinnetError; the old model stays */
export async function changeModel(io: Io, connection: Connection, path: string, signal: AbortSignal): Promise<string> {
  const { bytes } = openImage(await readImageFile(path), path);
  const progress = startProgress(io, 'uploading');
  try {
    const { keeps } = await connection.board.upload(bytes, { signal, onProgress: progress.update });
    connection.uploaded(path);
    return `uploaded ${thousands(bytes.length)} bytes, kept ${keeps === 'for_good' ? 'for good' : 'until the board is reset'}`;
  } catch (error) {
    if (!(error instanceof LinnetError) || !['no_uploads', 'upload_too_large'].includes(error.code)) throw error;
    if (!connection.isEmulated) throw error;
  } finally {
    progress.stop();
  }
  await connection.flash(path, signal);
  return 'flashed, and the board started again';
}
