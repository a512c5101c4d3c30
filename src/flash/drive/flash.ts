/** Ways "uf2" and "hex_drive": one file copied to a drive. */
import { encodeHex } from '../hex.js';
import type { Segment } from '../segments.js';
import { encodeUf2 } from '../uf2.js';
import type { DriveWay } from './find-drive.js';
import { writeToDrive, type DriveOptions } from './write-drive.js';

const NAME = 'LINNET';

/** @param folder of findDrive. @throws LinnetError of writeToDrive */
export async function flashToDrive(
  folder: string,
  way: DriveWay,
  segments: readonly Segment[],
  options: DriveOptions = {},
): Promise<void> {
  if (way.way === 'hex_drive') return writeToDrive(folder, `${NAME}.HEX`, encodeHex(segments), options);
  const file = encodeUf2(segments, Number(way.family_id), { startLast: true });
  return writeToDrive(folder, `${NAME}.UF2`, file, options);
}
