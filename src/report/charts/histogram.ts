/** A histogram with logarithmic counts, so that the few values that clipping cuts can be seen beside the many. */
import { html, type Html } from '../html.js';
import { count as shortCount, short } from '../numbers.js';
import { ticks } from './ticks.js';

export interface HistogramSpec {
  /** Says what is drawn to those who do not see it. */
  readonly title: string;
  readonly counts: readonly number[];
  /** Value at the left edge of bin 0, and width of a bin. */
  readonly from: number;
  readonly width: number;
  /** Values are clipped to this: one value, or one to each side. */
  readonly clips: readonly number[];
  /** Marks on the axis; default: some round numbers. */
  readonly ticks?: readonly number[];
  readonly tone: 'weight' | 'activation';
}

// Units of the viewBox, about a pixel on a phone.
const SIZE = { width: 320, height: 150 };
const PLOT = { left: 34, right: 306, top: 16, bottom: 128 };

export function histogram(spec: HistogramSpec): Html {
  const { title, counts, from, width, clips, tone } = spec;
  const end = from + counts.length * width;
  // A clip a little beyond the values is drawn where it is, one far beyond is only named.
  const near = clips.filter((clip) => clip <= end + 0.25 * (end - from) && clip >= from - 0.25 * (end - from));
  const [least, most] = [Math.min(from, ...near), Math.max(end, ...near)];
  const x = (value: number) => PLOT.left + ((value - least) / (most - least || 1)) * (PLOT.right - PLOT.left);
  const top = Math.log10(1 + Math.max(1, ...counts));
  const y = (n: number) => PLOT.bottom - (Math.log10(1 + n) / top) * (PLOT.bottom - PLOT.top);
  const beyond = (i: number) => {
    const middle = from + (i + 0.5) * width;
    return clips.some((clip) => (clip >= 0 ? middle > clip : middle < clip));
  };
  const bars = counts.map((n, i) => {
    if (n === 0) return undefined;
    const left = x(from + i * width);
    const gap = Math.min(0.5, (x(from + width) - x(from)) / 8);
    const size = html`x="${fixed(left)}" width="${fixed(x(from + (i + 1) * width) - left - gap)}"`;
    const place = html`y="${fixed(y(n))}" height="${fixed(PLOT.bottom - y(n))}"`;
    return html`<rect class="${beyond(i) ? 'cut' : tone}" ${size} ${place} />`;
  });
  return html`<svg class="histogram" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${grid(top, y)} ${bars.filter((bar) => bar !== undefined)} ${near.map((clip) => mark(x(clip)))}
    ${axis(spec.ticks ?? ticks(least, most), x)}
  </svg>`;
}

/** A line for every power of ten that has room. */
function grid(top: number, y: (n: number) => number): Html[] {
  const step = Math.ceil(top / 4);
  const lines: Html[] = [];
  for (let power = 0; power <= top; power += step) {
    const n = 10 ** power;
    lines.push(
      html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${fixed(y(n))}" y2="${fixed(y(n))}" />
        <text class="tick" x="${PLOT.left - 4}" y="${fixed(y(n) + 3.5)}" text-anchor="end"
          >${power < 4 ? String(n) : shortCount(n)}</text
        >`,
    );
  }
  return lines;
}

function mark(x: number): Html {
  return html`<line class="clip" x1="${fixed(x)}" x2="${fixed(x)}" y1="${PLOT.top - 8}" y2="${PLOT.bottom}" />`;
}

function axis(values: readonly number[], x: (value: number) => number): Html {
  const marks = values.map(
    (value) =>
      html`<text class="tick" x="${fixed(x(value))}" y="${PLOT.bottom + 15}" text-anchor="middle"
        >${short(value)}</text
      >`,
  );
  return html`<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}" />
    ${marks}`;
}

function fixed(x: number): string {
  return x.toFixed(1);
}
