/** Float against int8 on a text, if one was given. */
import { barTable } from '../charts/bars.js';
import type { QualityFigure, ReportData } from '../data.js';
import { html, type Html } from '../html.js';
import { short } from '../numbers.js';

export function qualitySection({ quality, kind }: ReportData): Html {
  if (!quality)
    return html`<section id="quality">
      <h2>Quality</h2>
      <p>
        Not measured: give <code>--eval</code> ${
          kind === 'language_model'
            ? 'a text that the model was not trained on, and float and int8 are compared by perplexity'
            : html`a file of lines <code>label⇥text</code>, and float and int8 are compared by accuracy`
        }.
      </p>
    </section>`;
  return html`<section id="quality">
    <h2>Quality</h2>
    <p>The float model and the int8 image on ${quality.on}.</p>
    ${quality.figures.map(figure)}
  </section>`;
}

function figure({ name, float, int8, unit, better }: QualityFigure): Html {
  const show = (x: number) => (unit === 'share' ? `${(100 * x).toFixed(2)} %` : x.toFixed(x < 10 ? 4 : 3));
  const most = unit === 'share' ? 1 : Math.max(float, int8);
  const change =
    unit === 'share' ? `${signed(100 * (int8 - float), 2)} points` : `${signed(100 * (int8 / float - 1), 3)} %`;
  return html`<h3>${name} <small>${better} is better</small></h3>
    ${barTable(
      ['', unit === 'share' ? '0 to 100 %' : `0 to ${short(most)}`, ''],
      [
        { label: 'float', share: float / most, value: show(float), tone: 'float' },
        { label: 'int8', note: change, share: int8 / most, value: show(int8) },
      ],
    )} `;
}

/** "+0.07", "−0.12", "±0" */
export function signed(x: number, digits: number): string {
  const size = Math.abs(x).toFixed(digits);
  if (Number(size) === 0) return '±0';
  return `${x > 0 ? '+' : '−'}${size}`;
}
