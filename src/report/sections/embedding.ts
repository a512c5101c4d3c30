/** The map of the embeddings, float beside int8, with the neighbours that the page's script shows. */
import { scatter } from '../charts/scatter.js';
import type { EmbeddingData, ReportData } from '../data.js';
import { html, inlineJson, type Html } from '../html.js';
import { whole } from '../numbers.js';

export function embeddingSection({ embedding, vocabSize }: ReportData): Html {
  if (!embedding)
    return html`<section id="embedding">
      <h2>Embeddings</h2>
      <p>There are too few tokens with a text of their own to draw a map of.</p>
    </section>`;
  const { tokens, map, layer, size } = embedding;
  const { neighbourCount, overlap } = map;
  const reach = Math.max(...[...map.float.positions, ...map.int8.positions].map(([, y]) => Math.abs(y)));
  return html`<section id="embedding">
    <h2>Embeddings</h2>
    <p>
      ${chosenTokens(embedding, vocabSize)} by their ${whole(size)} numbers each in ${layer}, flattened by t-SNE: near
      points are similar, axes mean nothing. Both maps start from one arrangement, then each settles by its own table.
    </p>
    <p>
      <strong>${overlap.toFixed(2)} of the ${neighbourCount} nearest neighbours</strong> of a token are the same in
      float and in int8, on average: by cosine, of all ${whole(size)} dimensions, among the tokens shown.
    </p>
    <form class="finder" id="finder">
      <label for="token">Find a token</label> <input id="token" list="tokens" autocomplete="off" spellcheck="false" />
      <datalist id="tokens">${tokens.map((token) => html`<option value="${token}"></option>`)}</datalist>
    </form>
    <div class="maps">
      <figure>
        ${scatter({ title: `t-SNE map of ${tokens.length} tokens, float32 table`, points: map.float.positions, names: tokens, reach, tone: 'float' })}
        <figcaption>float32</figcaption>
      </figure>
      <figure>
        ${scatter({ title: `t-SNE map of ${tokens.length} tokens, int8 table`, points: map.int8.positions, names: tokens, reach, tone: 'int8' })}
        <figcaption>int8</figcaption>
      </figure>
    </div>
    <div class="neighbours" id="neighbours" aria-live="polite">
      <p>
        Point at a token, or tap it, to see its nearest neighbours in both tables:
        <span class="swatch both">in both</span>, <span class="swatch only-float">in float only</span>,
        <span class="swatch only-int8">in int8 only</span>.
      </p>
    </div>
    <noscript><p>Scripts are off: the maps show names, but no neighbours.</p></noscript>
    <script type="application/json" id="embedding-data">
      ${inlineJson(scriptData(embedding))}
    </script>
  </section>`;
}

function chosenTokens({ tokens, seen }: EmbeddingData, vocabSize: number): string {
  const shown = tokens.length;
  if (shown === vocabSize) return `All ${whole(vocabSize)} tokens`;
  if (seen === 0) return `The first ${whole(shown)} of ${whole(vocabSize)} tokens`;
  if (seen === shown)
    return `The ${whole(shown)} tokens most frequent in the calibration text, of ${whole(vocabSize)},`;
  return `The ${whole(seen)} different tokens of the calibration text and the first ${whole(shown - seen)} others, of ${whole(vocabSize)},`;
}

/** What src/report/script.ts reads. */
function scriptData({ tokens, map }: EmbeddingData) {
  return { tokens, float: map.float.neighbours, int8: map.int8.neighbours };
}
