/** How a reader refuses an image. */
import { LinnetError } from '../errors.js';
import { STATUS, type StatusName } from '../schema/status.js';

export type ImageStatus = Exclude<StatusName, 'ok'>;

export class ImageError extends LinnetError {
  /** @param offset byte in the image at which the fault was found (docs/format.md, "What a reader checks") */
  constructor(
    code: ImageStatus,
    readonly offset: number,
    detail: string,
    file: string,
  ) {
    super(code, `${STATUS[code].message}: ${detail}`, `${file}, byte ${offset}`, STATUS[code].remedy);
  }
}

/** Refuses the image being read. */
export type Fail = (code: ImageStatus, offset: number, detail: string) => never;
