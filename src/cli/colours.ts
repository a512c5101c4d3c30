/** Colours for a terminal, and for nothing else. */
import { createColors } from 'picocolors';

export type Colours = ReturnType<typeof createColors>;

/** NO_COLOR (no-color.org) and TERM=dumb turn them off. */
export function coloursFor(stream: { readonly isTTY?: boolean }): Colours {
  return createColors(stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb');
}
