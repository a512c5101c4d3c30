/** The drawing of docs/performance.md: µs a token over the model's size, and the least that reading the weights takes. */
import type { GrowthPoint } from '../../src/bench/results.js';

interface Axis {
  readonly title: string;
  readonly of: (point: GrowthPoint) => number;
  readonly ticks: readonly number[];
}

const HIDDEN: Axis = {
  title: 'hidden size (10,000 words)',
  of: (p) => p.hidden_size,
  ticks: [64, 128, 256, 512, 1024],
};
const VOCAB: Axis = {
  title: 'vocabulary (hidden size 200)',
  of: (p) => p.vocab_size,
  ticks: [1_000, 2_000, 5_000, 10_000, 20_000, 50_000],
};
const MICROSECONDS = [1, 10, 100, 1_000, 10_000];
const [WIDTH, HEIGHT] = [330, 240];
const MARGIN = { left: 48, top: 28, right: 12, bottom: 40 };
const LINES = [
  { name: 'linnet', of: (p: GrowthPoint) => p.microseconds, colour: '#0b6e99', dash: '' },
  { name: 'reading the weights', of: (p: GrowthPoint) => p.floor_microseconds, colour: '#a33', dash: '4 3' },
] as const;

/** Two charts side by side, both axes logarithmic. */
export function drawGrowth(points: readonly GrowthPoint[]): string {
  const charts = [
    chart(
      HIDDEN,
      points.filter((p) => p.vocab_size === 10_000),
    ),
    chart(
      VOCAB,
      points.filter((p) => p.hidden_size === 200),
    ),
  ];
  const width = charts.length * WIDTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${HEIGHT}" fill="#fff"/>`,
    ...charts.map((body, i) => `<g transform="translate(${i * WIDTH} 0)">${body}</g>`),
    '</svg>\n',
  ].join('\n');
}

function chart(axis: Axis, points: readonly GrowthPoint[]): string {
  const sorted = [...points].sort((a, b) => axis.of(a) - axis.of(b));
  const left = MARGIN.left;
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const x = logScale(axis.ticks[0]!, axis.ticks.at(-1)!, left, right);
  const y = logScale(MICROSECONDS[0]!, MICROSECONDS.at(-1)!, bottom, MARGIN.top);
  const text = (tx: number, ty: number, anchor: string, content: string) =>
    `<text x="${tx.toFixed(1)}" y="${ty.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
  const grid = MICROSECONDS.map(
    (v) =>
      `<path d="M${left} ${y(v).toFixed(1)}H${right}" stroke="#ddd"/>` +
      text(left - 5, y(v) + 4, 'end', v.toLocaleString('en-US')),
  );
  const ticks = axis.ticks.map((v) =>
    text(x(v), bottom + 15, 'middle', v < 1_000 || v === 1024 ? String(v) : `${v / 1_000}k`),
  );
  const lines = LINES.map(({ of, colour, dash }) => {
    const path = sorted.map((p) => `${x(axis.of(p)).toFixed(1)} ${y(of(p)).toFixed(1)}`).join('L');
    return sorted.length === 0
      ? ''
      : `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"${dash && ` stroke-dasharray="${dash}"`}/>`;
  });
  const names = LINES.map(
    ({ name, colour }, i) => `<text x="${left + 8}" y="${MARGIN.top + 12 + 14 * i}" fill="${colour}">${name}</text>`,
  );
  const title = text((left + right) / 2, HEIGHT - 8, 'middle', axis.title);
  return [...grid, ...ticks, ...lines, ...names, title, text(left - 40, 14, 'start', 'µs a token')].join('\n');
}

function logScale(low: number, high: number, from: number, to: number): (value: number) => number {
  return (value) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
}
