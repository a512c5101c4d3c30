/** Random models in int8: the same bits in both engines with every kernel, and close to float. */
import fc from 'fast-check';
import { NativeModel } from '../../../src/engine/native.js';
import { requireAddon } from '../../../src/engine/native-addon.js';
import { ReferenceModel } from '../../../src/engine/reference/model.js';
import { importModel } from '../../../src/import/model.js';
import { randomSequences } from '../../../src/quantize/calibration.js';
import { quantizeGraph } from '../../../src/quantize/index.js';
import { ModelFolder } from './compare.js';
import { graphShape, writeGraph, type GraphShape } from './random-graphs.js';
import { cnnShape, recurrentShape, writeCnn, writeRecurrent } from './random-models.js';

const CLASSIFIERS = 250;
/** Beside embeddings, ends of time and output layers. */
const LAYERS = 500;
const OTHERS = 80;
/** Milliseconds, on a machine that has much else to do. */
const TIMEOUT = 300_000;

const addon = requireAddon();
const VARIANTS = addon.kernelVariants().flatMap(({ name, available }) => (available ? [name] : []));

let folder: ModelFolder;
beforeAll(() => (folder = new ModelFolder()));
afterAll(() => {
  folder.remove();
  addon.selectKernels('auto');
});

/** A concatenation whose inputs are rescaled, then put in another order: once both layers got one name. */
const JOINED: GraphShape = {
  ...{
    vocabSize: 3,
    channels: 2,
    steps: 1,
    more: 1,
    dynamic: false,
    image: true,
    end: 'GlobalMaxPool',
    hidden: 'none',
  },
  ...{ labels: 2, seed: 0 },
  layers: [
    {
      ...{ layer: 'conv', kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], autoPad: 'NOTSET' },
      ...{ groups: 1, filters: 2, bias: false },
    },
    { layer: 'join', op: 'Concat', with: 'Tanh', first: true },
  ],
};

/** @returns signal to noise of the logits, dB */
async function exact(model: Uint8Array, vocabSize: number): Promise<number> {
  const graph = await importModel(folder.write(model, vocabSize));
  const calibration = randomSequences(graph).slice(0, 3).map((ids) => ids.slice(0, 40)); // prettier-ignore
  const { image, report } = await quantizeGraph(graph, { calibration });
  const digest = await new ReferenceModel(Buffer.from(image)).selfTest();
  for (const variant of VARIANTS) {
    expect(addon.selectKernels(variant)).toBe(true);
    const native = new NativeModel(Buffer.from(image));
    expect([variant, await native.selfTest()]).toEqual([variant, digest]);
    await native.close();
  }
  return report.layers.findLast(({ op }) => op === 'linear')!.sqnr;
}

/** Sums of few terms may cancel to anything, so that single models say little: most must be close. */
function expectClose(ratios: number[]): void {
  ratios.sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.floor(share * ratios.length)]!;
  expect(at(0.5)).toBeGreaterThan(35);
  expect(at(0.1)).toBeGreaterThan(20);
}

test(
  `${CLASSIFIERS} random classifiers give the same logits in every engine`,
  async () => {
    const ratios: number[] = [];
    let written = 0;
    const property = fc.asyncProperty(graphShape, async (shape) => {
      const { model, layers } = writeGraph(shape);
      ratios.push(await exact(model, shape.vocabSize));
      written += layers.length;
    });
    await fc.assert(property, { numRuns: CLASSIFIERS, examples: [[JOINED]] });
    expect(written).toBeGreaterThan(LAYERS);
    expectClose(ratios);
  },
  TIMEOUT,
);

test(
  `${OTHERS} random language models and Text-CNNs give the same logits in every engine`,
  async () => {
    const ratios: number[] = [];
    const written = fc.oneof(
      recurrentShape.map((shape) => ({ vocabSize: shape.vocabSize, ...writeRecurrent(shape) })),
      cnnShape.map((shape) => ({ vocabSize: shape.vocabSize, ...writeCnn(shape) })),
    );
    const property = fc.asyncProperty(written, async ({ model, vocabSize }) => {
      ratios.push(await exact(model, vocabSize));
    });
    await fc.assert(property, { numRuns: OTHERS });
    expectClose(ratios);
  },
  TIMEOUT,
);
