/** The error of every layer, and the histograms behind it. */
import { barTable } from '../charts/bars.js';
import { histogram } from '../charts/histogram.js';
import type { LayerData, ReportData } from '../data.js';
import { html, type Html } from '../html.js';
import { decibels, percent, short, whole } from '../numbers.js';
import { CLIP, type WeightHistogram } from '../weight-histogram.js';

/** Bars are as long as dB up to this. */
const FULL_SQNR = 60;

export function errorSection({ layers }: ReportData): Html {
  return html`<section id="error">
    <h2>Error by layer</h2>
    <p>
      Signal to noise of each layer’s int8 output against the float model’s on the calibration text, the errors of all
      layers before it included. 6 dB are one bit: 40 dB is an error of 1 % of the signal, 20 dB of 10 %.
    </p>
    ${barTable(
      ['layer', `0 to ${FULL_SQNR} dB`, 'SQNR'],
      layers.map(({ name, op, shape, sqnr }) => ({
        label: name,
        note: `${op} ${shape.join('×')}`,
        share: sqnr / FULL_SQNR,
        value: decibels(sqnr),
      })),
    )}
  </section>`;
}

export function histogramsSection({ layers }: ReportData): Html {
  return html`<section id="histograms">
    <h2>Weights and activations</h2>
    <p>
      Counts are logarithmic. Weights are shown in units of their row’s scale, so the integers run from −127 to 127;
      activations as magnitudes on the calibration text, in float. <span class="swatch clip">Dashed lines</span> mark
      where integers end, <span class="swatch cut">bars beyond</span> what is clipped.
    </p>
    <div class="cards layers">${layers.map(layerCard)}</div>
  </section>`;
}

function layerCard(layer: LayerData): Html {
  const tied =
    layer.tiedTo === undefined ? undefined : html`<p class="note">Its weights are those of ${layer.tiedTo}.</p>`;
  return html`<article class="card layer figures${layer.weights.length + 1}">
    <h3>${layer.name} <small>${layer.op} ${layer.shape.join('×')}</small></h3>
    ${tied}
    <div class="figures">
      ${layer.weights.map((weights) => weightFigure(layer.name, weights))}${activationFigure(layer)}
    </div>
  </article> `;
}

function weightFigure(layer: string, weights: WeightHistogram): Html {
  const { name, rows, columns, counts, width, clipped, zeros, scale } = weights;
  const clippedText = clipped === 0 ? 'none clipped' : `${percent(clipped)} clipped`;
  const units =
    scale.least === scale.largest
      ? `one unit is ${short(scale.median)}`
      : `one unit is ${short(scale.least)} to ${short(scale.largest)} by row, ${short(scale.median)} in the middle`;
  return html`<figure>
    ${histogram({
      title: `Histogram of the ${whole(rows * columns)} weights ${name} of ${layer} in units of their row’s scale, ${clippedText}`,
      counts,
      from: -(counts.length / 2) * width,
      width,
      clips: [-CLIP, CLIP],
      ticks: [-127, 0, 127],
      tone: 'weight',
    })}
    <figcaption>
      <strong>weights</strong> ${name}
      <span class="note">${whole(rows)}×${whole(columns)}, ${clippedText}, ${percent(zeros)} are 0; ${units}</span>
    </figcaption>
  </figure> `;
}

function activationFigure({ name, activation, clip, clipped, maxAbs }: LayerData): Html {
  const { counts, width } = activation;
  const clippedText = clipped === 0 ? 'none clipped' : `${percent(clipped)} clipped`;
  return html`<figure>
    ${histogram({
      title: `Histogram of the magnitudes of ${name}’s output, at most ${short(maxAbs)}, clipped at ${short(clip)}, ${clippedText}`,
      counts,
      from: 0,
      width,
      clips: [clip],
      tone: 'activation',
    })}
    <figcaption>
      <strong>activations</strong>
      <span class="note">largest ${short(maxAbs)}, integers end at ${short(clip)}, ${clippedText}</span>
    </figcaption>
  </figure>`;
}
