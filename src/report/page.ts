/** The report as one page that needs nothing else: no network, no other file, no plug-in. docs/report.md says why so. */
import { createHash } from 'node:crypto';
import type { ReportData } from './data.js';
import { html, trusted, type Html } from './html.js';
import { bytes, count, decibels, percent, short, whole } from './numbers.js';
import { SCRIPT } from './script.js';
import { boardsSection } from './sections/boards.js';
import { embeddingSection } from './sections/embedding.js';
import { errorSection, histogramsSection } from './sections/layers.js';
import { qualitySection } from './sections/quality.js';
import { float32Bytes, sizeSection } from './sections/size.js';
import { speedSection } from './sections/speed.js';
import { STYLE } from './style.js';

/**
 * Equal data gives equal bytes.
 *
 * @returns an HTML document
 */
export function renderReport(data: ReportData): string {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="referrer" content="no-referrer" />
        <title>${data.name}: float32 to int8</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        ${heading(data)}
        <main>
          ${sizeSection(data)} ${boardsSection(data)} ${speedSection(data)} ${qualitySection(data)}
          ${errorSection(data)} ${histogramsSection(data)} ${embeddingSection(data)}
        </main>
        <footer>
          <p>
            Written by <code>linnet quantize --report</code>. Image SHA-256 <code class="hash">${data.sha256}</code>
          </p>
        </footer>
        ${trusted(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `;
  return markup;
}

/** Only this very style and script, and nothing from anywhere. */
const POLICY = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function heading(data: ReportData): Html {
  const { name, kind, labels, vocabSize, parameters, calibration } = data;
  const facts = [
    kind === 'language_model'
      ? 'language model'
      : `classifier of ${labels.length > 8 ? `${labels.length} labels` : labels.join(', ')}`,
    `${count(parameters)} parameters`,
    `${whole(vocabSize)} tokens`,
    `calibrated on ${whole(calibration.tokens)} tokens of ${CALIBRATION[calibration.source]}`,
  ];
  return html`<header>
    <h1>${name} <small>float32 to int8</small></h1>
    <p class="lead">${facts.join(' · ')}</p>
    <dl class="tiles">
      ${tiles(data).map(
        ([title, value, note]) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${value}<small>${note}</small></dd>
          </div> `,
      )}
    </dl>
  </header>`;
}

const CALIBRATION = {
  given: 'the text given',
  'calibration.txt': 'the checkpoint’s calibration.txt',
  'heldout.txt': 'the checkpoint’s heldout.txt',
  random: 'random ids, for want of a text',
} as const;

function tiles(data: ReportData): [title: string, value: string, note: string][] {
  const { bytes: use, stateBytes, scratchBytes, boards, layers, embedding, quality } = data;
  const worst = layers.reduce((least, layer) => (layer.sqnr < least.sqnr ? layer : least));
  const fitting = boards.filter(({ need }) => need.fits).length;
  const judged = quality?.figures[0];
  return [
    ['image', bytes(use.total), `${short(float32Bytes(data) / use.total)} times smaller than float32`],
    ['RAM of a session', bytes(stateBytes + scratchBytes), `state ${bytes(stateBytes)}`],
    ['fits on', `${fitting} of ${boards.length}`, 'boards known'],
    ['lowest SQNR', decibels(worst.sqnr), worst.name],
    ...(judged
      ? [
          [
            `${judged.name}, int8`,
            judged.unit === 'share' ? percent(judged.int8) : short(judged.int8),
            `float ${judged.unit === 'share' ? percent(judged.float) : short(judged.float)}`,
          ] satisfies [string, string, string],
        ]
      : []),
    ...(embedding
      ? [
          [
            'neighbours kept',
            `${embedding.map.overlap.toFixed(2)} of ${embedding.map.neighbourCount}`,
            'nearest in the embedding',
          ] satisfies [string, string, string],
        ]
      : []),
  ];
}
