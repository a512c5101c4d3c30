/**
 * `npm run ablation`: what each choice of the quantizer buys, measured on ptb-lm and the test text of the Penn Treebank.
 * Writes docs/quantization.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { format, resolveConfig } from 'prettier';
import { typescriptFloatKernels } from '../../src/graph/float-kernels.js';
import { FloatModel } from '../../src/graph/float-model.js';
import type { Graph } from '../../src/graph/graph.js';
import { writeImage } from '../../src/image/write.js';
import { importModel } from '../../src/import/model.js';
import { load, nativeFloatKernels } from '../../src/index.js';
import { calibrate, type Ranges } from '../../src/quantize/calibrate.js';
import { chooseCalibration, upTo } from '../../src/quantize/calibration.js';
import { Histogram } from '../../src/quantize/histogram.js';
import { layOut } from '../../src/quantize/quantize-graph.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { CellRange, withInt16Cells } from './cell.js';
import { byError, byMaximum, withQuantizedWeights } from './weights.js';

const ROOT = join(__dirname, '..', '..');
const CHECKPOINT = join(ROOT, 'models', 'ptb-lm');
const TEXT = join(process.env['LINNET_DATA'] ?? join(ROOT, '..', 'shared', 'data'), 'ptb', 'ptb.test.txt.gz');
const PAGE = join(ROOT, 'docs', 'quantization.md');

const kernels = nativeFloatKernels() ?? typescriptFloatKernels;

async function main(): Promise<void> {
  if (!existsSync(TEXT)) throw new Error(`${TEXT} is missing: set LINNET_DATA to the folder of corpora`);
  const text = gunzipSync(readFileSync(TEXT)).toString();
  const graph = await importModel(CHECKPOINT, {});
  const ids = new Tokenizer(graph.tokenizer).encode(text);
  const float = async (g: Graph, k = kernels) => (await new FloatModel(g, k).nll(ids)).perplexity;
  const reference = await float(graph);
  const rows: [string, string, number][] = [];
  const note = (part: string, choice: string, perplexity: number) => {
    console.error(`${part}, ${choice}: ${perplexity.toFixed(3)}`);
    rows.push([part, choice, perplexity]);
  };

  for (const bits of [8, 4])
    for (const [how, choose, perRow] of [
      ['one scale a matrix, by its maximum', byMaximum, false],
      ['one scale a matrix, by least squared error', byError, false],
      ['a scale a row, by its maximum', byMaximum, true],
      ['a scale a row, by least squared error', byError, true],
    ] as const)
      note('weights only', `int${bits}, ${how}`, await float(withQuantizedWeights(graph, choose, perRow, bits)));
  const range = new CellRange();
  await float(graph, range.watch(kernels));
  note(
    'cells only',
    `int16, power-of-two scale (cells reach ${range.largest.toFixed(0)})`,
    await float(graph, withInt16Cells(kernels, range.largest)),
  );

  const { sequences } = await chooseCalibration(graph, CHECKPOINT, undefined);
  const rangesOf = (tokens: number) => calibrate(new FloatModel(graph, kernels), upTo(tokens, sequences));
  const int8 = async (ranges: Ranges) => {
    const model = await load(writeImage(layOut(graph, ranges).content));
    try {
      return (await model.score(text)).perplexity;
    } finally {
      await model.close();
    }
  };
  note('everything', 'as shipped', await int8(await rangesOf(Infinity)));
  note('everything', 'calibrated on 64 tokens', await int8(await rangesOf(64)));
  const { bestClip } = Histogram.prototype;
  Histogram.prototype.bestClip = function () {
    return this.maxAbs;
  };
  note('everything', 'activations by their maximum', await int8(await rangesOf(Infinity)));
  Histogram.prototype.bestClip = bestClip;

  const page = render(reference, ids.length, rows);
  writeFileSync(PAGE, await format(page, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
}

function render(reference: number, tokens: number, rows: readonly [string, string, number][]): string {
  const lines = rows.map(([part, choice, perplexity]) => {
    const change = 100 * (perplexity / reference - 1);
    return `| ${part} | ${choice} | ${perplexity.toFixed(3)} | ${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(3)} % |`;
  });
  return `# What the choices of the quantizer buy

Measured by \`npm run ablation\` on \`models/ptb-lm\` (LSTM 2×200, tied, 10,000 words) and the test text of the Penn Treebank,
${tokens.toLocaleString('en')} tokens; float has perplexity ${reference.toFixed(3)}. "Only" means that everything else is in float.

| what | how | perplexity | change |
| --- | --- | --- | --- |
${lines.join('\n')}

${CONCLUSIONS}
`;
}

const CONCLUSIONS = `What is used: weights int8, one scale a row, by its maximum (\`src/quantize/rows.ts\`); activations int8, one scale each, by
least squared error (\`histogram.ts\`); hidden states Q0.7, gates Q3.12, cells Q15.16 ([numerics.md](numerics.md), 3).

- At 8 bits the choices for weights hardly differ on this model; at 4 bits they decide. A scale a row costs five bytes a row
  in the image (multiplier and shift).
- Clipping rows by error buys nothing at 8 bits: it is left out.
- An LSTM language model has nothing to calibrate but the range of its logits: hidden states are bounded by construction,
  and the embedding's range is that of its table. So 64 tokens do as well as thousands. The sums of a convolution have no
  such bounds: calibrate classifiers with typical text.
- A convolution that nothing but a maximum over time reads keeps the maximum itself (\`fuse-max-over-time.ts\`): the same
  integers, one op less, and no memory for its steps, which were most of what a Text-CNN took.
- int16 cells would do here. They are int32 so that the format does not depend on how far
  the cells of a model reach.`;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
