/** What of an image a board holds: its weights as the board's kernels want them. */
import { createHash } from 'node:crypto';
import type { LayoutName } from '../image/layout.js';
import { layoutOf, packImage, unpackImage } from '../image/pack.js';
import { Layout } from '../schema/image.js';
import { knownBoards, type BoardSpec } from './registry.js';

/**
 * @param board how its weights lie, as board.json says
 * @param image a .linnet image of any layout
 * @returns the image to put into the board's memory, of the same size
 * @throws ImageError if it is no image
 */
export function boardImage({ layout = 'row_major' }: Pick<BoardSpec, 'layout'>, image: Uint8Array): Uint8Array {
  return layoutOf(image) === layout ? image : packImage(unpackImage(image), layout);
}

/** Layout of a board by its name; of one that is not known here, the one that all read. */
export function layoutOn(name: string): LayoutName {
  return knownBoards().find((board) => board.name === name)?.layout ?? 'row_major';
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
