/** What the image takes: bytes by use, against float32, and RAM. */
import { barTable, stackedBar } from '../charts/bars.js';
import type { ReportData } from '../data.js';
import { html, type Html } from '../html.js';
import { bytes, percent, short, whole } from '../numbers.js';

const USES = [
  ['weights', 'weights, int8'],
  ['biases', 'biases, int32'],
  ['multipliers', 'scales: a multiplier and a shift a row'],
  ['tokenizer', 'tokenizer'],
  ['other', 'headers, names, metadata, padding'],
] as const;

export function sizeSection(data: ReportData): Html {
  const { total } = data.bytes;
  const float = float32Bytes(data);
  const parts = USES.map(([use, name]) => ({
    name: `${name}: ${whole(data.bytes[use])} bytes`,
    amount: data.bytes[use],
  }));
  const most = Math.max(float, total);
  return html`<section id="size">
    <h2>Size</h2>
    ${barTable(
      ['', 'compared', 'bytes'],
      [
        { label: 'float32', note: 'its parameters alone', share: float / most, value: bytes(float), tone: 'float' },
        { label: 'int8 image', note: 'everything', share: total / most, value: bytes(total) },
      ],
    )}
    <p>${short(float / total)} times smaller, with tokenizer and scales counted in.</p>
    <h3>The image by use</h3>
    ${stackedBar(`${whole(total)} bytes of the image by use`, parts)}
    <table class="legend">
      <thead>
        <tr>
          <th scope="col">use</th>
          <th scope="col" class="number">bytes</th>
          <th scope="col" class="number">share</th>
        </tr>
      </thead>
      <tbody>
        ${USES.map(
          ([use, name], i) =>
            html`<tr>
              <th scope="row">
                <svg class="key" width="12" height="12" aria-hidden="true">
                  <rect class="part${i}" width="12" height="12" rx="3" />
                </svg>
                ${name}
              </th>
              <td class="number">${whole(data.bytes[use])}</td>
              <td class="number">${percent(data.bytes[use] / total)}</td>
            </tr> `,
        )}
        <tr class="total">
          <th scope="row">image</th>
          <td class="number">${whole(total)}</td>
          <td></td>
        </tr>
      </tbody>
    </table>
    <p>
      RAM of one session: ${whole(data.stateBytes)} bytes of state, ${whole(data.scratchBytes)} bytes of scratch. The
      weights are read where they lie in flash.
    </p>
  </section>`;
}

/** What the parameters take at four bytes each. */
export function float32Bytes({ parameters }: Pick<ReportData, 'parameters'>): number {
  return 4 * parameters;
}
