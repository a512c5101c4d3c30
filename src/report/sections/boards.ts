/** Which boards have room for the image. */
import { barTable, type Bar } from '../charts/bars.js';
import type { BoardFit, ReportData } from '../data.js';
import { html, type Html } from '../html.js';
import { bytes, percent } from '../numbers.js';
import type { BoardNeed } from '../summary.js';

export function boardsSection({ boards }: ReportData): Html {
  return html`<section id="boards">
    <h2>Boards</h2>
    <p>What the model needs of the RAM and the flash that a board’s firmware leaves for it.</p>
    <div class="cards">${boards.map(card)}</div>
  </section>`;
}

function card({ name, title, need }: BoardFit): Html {
  return html`<article class="card board">
    <h3>${name} ${verdict(need)}</h3>
    <p class="note">${title}</p>
    ${barTable(
      ['', 'share', 'used, of'],
      [use('RAM', need.ram, need.ramAvailable), use('flash', need.flash, need.flashAvailable)],
    )}
  </article> `;
}

function verdict({ fits, ram, ramAvailable, flash, flashAvailable }: BoardNeed): Html {
  if (fits) return html`<span class="verdict good">fits</span>`;
  const missing = [
    ...(ram > ramAvailable ? [`${bytes(ram - ramAvailable)} of RAM`] : []),
    ...(flash > flashAvailable ? [`${bytes(flash - flashAvailable)} of flash`] : []),
  ];
  return html`<span class="verdict bad">does not fit: lacks ${missing.join(' and ')}</span>`;
}

function use(label: string, needed: number, available: number): Bar {
  const share = needed / available;
  const value = `${bytes(needed)} of ${bytes(available)}`;
  return { label, note: share < 0.001 ? '< 0.1 %' : percent(share), share, value, tone: share > 1 ? 'bad' : 'int8' };
}
