/** Work counted, which is true of every target; and time measured, which is true of one machine. */
import { barTable } from '../charts/bars.js';
import type { ReportData } from '../data.js';
import { html, type Html } from '../html.js';
import { count, percent, short, whole } from '../numbers.js';
import type { Speed } from '../speed.js';
import type { Work } from '../work.js';

export function speedSection(data: ReportData): Html {
  const [first] = data.work;
  const working = data.layers
    .map(({ name, op }, i) => ({ name, op, macs: first!.layers[i]! }))
    .filter(({ macs }) => macs > 0);
  const most = Math.max(1, ...working.map(({ macs }) => macs));
  return html`<section id="speed">
    <h2>Speed</h2>
    <ul>
      ${data.work.map((work) => html`<li><strong>${count(work.total)}</strong> multiply-accumulates ${per(work)}</li>`)}
    </ul>
    <h3>By layer${first!.of === 'token' ? undefined : `, for ${first!.tokens} tokens`}</h3>
    ${barTable(
      ['layer', 'share', 'count'],
      working.map(({ name, op, macs }) => ({
        label: name,
        note: `${op}, ${percent(macs / first!.total)}`,
        share: macs / most,
        value: whole(macs),
      })),
    )}
    ${data.speed ? measured(data.speed) : undefined}
  </section>`;
}

function per({ of, tokens }: Work): string {
  if (of === 'token') return 'a token';
  return of === 'typical sentence'
    ? `for a sentence of ${tokens} tokens, the middle length of the calibration text`
    : `for the longest sentence, ${tokens} tokens`;
}

/** The only part of the page that differs from run to run: data-measured marks it. */
function measured(speed: Speed): Html {
  const { unit, seconds, tokensEach, engine, cpu } = speed;
  const each = unit === 'sentences' ? ` of ${short(tokensEach)} tokens on average` : ', greedily, one after another';
  return html`<div class="measured" data-measured>
    <h3>Measured on this machine</h3>
    <p>
      <strong>${count(speed.count / seconds)}</strong> ${unit} a second${each}: ${whole(speed.count)} in
      ${short(seconds)} s, one thread, engine ${engine}, on ${cpu}. One short run, with whatever else was running then.
    </p>
  </div>`;
}
