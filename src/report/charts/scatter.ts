/** A map of points, some of them with their names; the page's script adds names where the pointer is. */
import { html, type Html } from '../html.js';

export interface ScatterSpec {
  readonly title: string;
  /** x and y within −1 … 1 */
  readonly points: readonly (readonly [number, number])[];
  readonly names: readonly string[];
  /** Largest |y| to make room for. */
  readonly reach: number;
  readonly tone: 'float' | 'int8';
}

const SIZE = 480;
const MARGIN = 24;
const RADIUS = 3;
/** Of a name on the map. */
const NAME = { height: 11, character: 6.2, longest: 14 };

export function scatter({ title, points, names, reach, tone }: ScatterSpec): Html {
  const scale = SIZE / 2 - MARGIN;
  const height = Math.ceil(2 * (reach * scale + MARGIN));
  const placed = points.map(([x, y]) => [SIZE / 2 + x * scale, height / 2 - y * scale] as const);
  const dots = placed.map(
    ([x, y], i) =>
      html`<circle class="point ${tone}" data-i="${i}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${RADIUS}"
        ><title>${names[i]}</title></circle
      > `,
  );
  return html`<svg class="map" viewBox="0 0 ${SIZE} ${height}" role="img" aria-label="${title}">
    <g class="names">${namesWithRoom(placed, names)}</g>
    <g class="points">${dots}</g>
    <g class="found"></g>
  </svg>`;
}

/** Names of points, the first first, as long as none covers another. */
function namesWithRoom(points: readonly (readonly [number, number])[], names: readonly string[]): Html[] {
  const taken: { left: number; right: number; top: number; bottom: number }[] = [];
  return names.flatMap((name, i) => {
    const [x, y] = points[i]!;
    const length = Array.from(name).length;
    const width = length * NAME.character;
    const box = { left: x + 5, right: x + 5 + width, top: y - NAME.height / 2, bottom: y + NAME.height / 2 };
    const free = taken.every(
      (other) => box.left > other.right || box.right < other.left || box.top > other.bottom || box.bottom < other.top,
    );
    if (length > NAME.longest || box.right > SIZE || !free) return [];
    taken.push(box);
    return [html`<text x="${(x + 5).toFixed(1)}" y="${(y + 3.5).toFixed(1)}">${name}</text> `];
  });
}
