/** Bars in a table: label, picture, number a row. The table reads as well without its pictures. */
import { html, type Html } from '../html.js';

export interface Bar {
  readonly label: string;
  /** Smaller, beside the label. */
  readonly note?: string;
  /** Length of the bar, 0 … 1; what is below or above is drawn as these. */
  readonly share: number;
  readonly value: string;
  readonly tone?: 'float' | 'int8' | 'bad';
}

/** @param head titles of the columns: label, picture, number */
export function barTable(head: readonly [string, string, string], bars: readonly Bar[]): Html {
  return html`<table class="bars">
    <thead>
      <tr>
        <th scope="col">${head[0]}</th>
        <th scope="col">${head[1]}</th>
        <th scope="col" class="number">${head[2]}</th>
      </tr>
    </thead>
    <tbody>
      ${bars.map(row)}
    </tbody>
  </table>`;
}

function row({ label, note, share, value, tone = 'int8' }: Bar): Html {
  return html`<tr>
    <th scope="row">${label}${note === undefined ? undefined : html` <small>${note}</small>`}</th>
    <td>${bar(`${label}: ${value}`, share, tone)}</td>
    <td class="number">${value}</td>
  </tr> `;
}

/** One bar, as wide as there is room. */
function bar(title: string, share: number, tone: string): Html {
  const width = 100 * Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share));
  return html`<svg class="bar" width="100%" height="14" role="img" aria-label="${title}">
    <title>${title}</title>
    <rect class="track" width="100%" height="14" rx="3" />
    <rect class="fill ${tone}" width="${width.toFixed(2)}%" height="14" rx="3" />
  </svg>`;
}

export interface Part {
  readonly name: string;
  readonly amount: number;
}

/** One bar cut into parts, coloured .part0, .part1 … */
export function stackedBar(title: string, parts: readonly Part[]): Html {
  const total = parts.reduce((sum, { amount }) => sum + amount, 0) || 1;
  let at = 0;
  const rects = parts.map(({ name, amount }, i) => {
    const [x, width] = [(100 * at) / total, (100 * amount) / total];
    at += amount;
    return html`<rect class="part${i}" x="${x.toFixed(3)}%" width="${width.toFixed(3)}%" height="22"
      ><title>${name}</title></rect
    > `;
  });
  return html`<svg class="stack" width="100%" height="22" role="img" aria-label="${title}">${rects}</svg>`;
}
