/** Text in columns of a terminal. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian wide and fullwidth (Unicode TR11), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;

/** Columns a text takes on a terminal. No control characters. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Lines of at most `width` columns, broken at spaces where there are any. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line.replaceAll('\t', '    '), width));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  let used = 0;
  let lastSpace = -1;
  for (const { segment } of segmenter.segment(line)) {
    const size = textWidth(segment);
    if (used + size > width && current !== '') {
      const cut = segment === ' ' || lastSpace < 0 ? current.length : lastSpace;
      lines.push(current.slice(0, cut).trimEnd());
      current = current.slice(cut).trimStart();
      used = textWidth(current);
      lastSpace = -1;
      if (segment === ' ' && current === '') continue;
    }
    if (segment === ' ') lastSpace = current.length;
    current += segment;
    used += size;
  }
  return [...lines, current];
}

/** Fills up with spaces. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
