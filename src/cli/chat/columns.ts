/** Answers side by side, as lines of text; or one below the other where a terminal is too narrow. */
import { padText, textWidth, wrapText } from './text-width.js';

export interface Column {
  readonly title: string;
  readonly text: string;
  /** Below the text; undefined while more may come. */
  readonly ending: string | undefined;
}

export interface LayoutStyle {
  readonly title: (text: string) => string;
  readonly ending: (text: string) => string;
}

const GAP = ' │ ';
const NARROWEST = 22;

/**
 * @param width of the terminal
 * @param height lines there may be; of longer texts the end is shown. Undefined: all of it
 */
export function layOut(columns: readonly Column[], width: number, style: LayoutStyle, height = Infinity): string[] {
  const bands = bandsOf(columns, width);
  // Title, ending and an empty line between bands.
  const most = Math.max(1, Math.floor((height + 1) / bands.length) - 3);
  const lines = bands.flatMap((band, i) => [...(i > 0 ? [''] : []), ...layOutBand(band, width, style, most)]);
  return lines.slice(-Math.max(1, height));
}

/** As few rows of columns as the width allows, all of the same width. */
function bandsOf(columns: readonly Column[], width: number): Column[][] {
  const fit = Math.max(1, Math.floor((width + GAP.length) / (NARROWEST + GAP.length)));
  const count = Math.ceil(columns.length / fit);
  const perBand = Math.ceil(columns.length / count);
  return Array.from({ length: count }, (_, i) => columns.slice(i * perBand, (i + 1) * perBand));
}

function layOutBand(band: readonly Column[], width: number, style: LayoutStyle, most: number): string[] {
  const each = Math.floor((width + GAP.length) / band.length) - GAP.length;
  const cells = band.map(({ title, text, ending }) => {
    const lines = wrapText(text.trimEnd(), each);
    return { title: cut(title, each), lines: lines.slice(-most), ending: cut(ending ?? '…', each) };
  });
  const rows = Math.max(...cells.map(({ lines }) => lines.length));
  const join = (parts: readonly string[], show = (text: string): string => text): string =>
    parts.map((text, i) => show(i < parts.length - 1 ? padText(text, each) : text)).join(GAP);
  return [
    join(
      cells.map(({ title }) => title),
      style.title,
    ),
    ...Array.from({ length: rows }, (_, row) => join(cells.map(({ lines }) => lines[row] ?? ''))),
    join(
      cells.map(({ ending }) => ending),
      style.ending,
    ),
  ];
}

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return `${wrapText(text, width - 1)[0]}…`;
}
