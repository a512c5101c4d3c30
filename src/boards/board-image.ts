/** What of an image a board holds: its weights as the board's kernels want them. */
import { createHash } from 'node:crypto';
import { layoutOf, packImage, unpackImage, type LayoutName } from '../image/pack.js';
import { Layout } from '../schema/image.js';
import type { BoardSpec } from './registry.js';

/**
 * @param image a .linnet image of any layout
 * @returns the image to put into the board's memory, of the same size
 * @throws ImageError if it is no image
 */
export function boardImage(board: BoardSpec, image: Uint8Array): Uint8Array {
  const layout = board.layout ?? 'row_major';
  return layoutOf(image) === layout ? image : packImage(unpackImage(image), layout);
}

/**
 * @param sha256 of what a board holds, hex, as its HELLO says
 * @returns whether that is the model, in whichever layout
 */
export function isModel(sha256: string, image: Uint8Array): boolean {
  const canonical = unpackImage(image);
  const layouts = Object.keys(Layout.values) as LayoutName[];
  return layouts.some((layout) => sha256 === sha256Of(packImage(canonical, layout)));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
