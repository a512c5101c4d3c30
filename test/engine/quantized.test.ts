/** Checkpoints of every architecture, quantized: close to PyTorch, and the same bits in both engines with every kernel. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NativeModel } from '../../src/engine/native.js';
import { requireAddon } from '../../src/engine/native-addon.js';
import { ReferenceEngine } from '../../src/engine/reference/engine.js';
import { ReferenceModel } from '../../src/engine/reference/model.js';
import { negativeLogLikelihood } from '../../src/engine/reference/score.js';
import { openImage } from '../../src/image/read.js';
import { quantize } from '../../src/quantize/index.js';

const GOLDEN = join(__dirname, '../golden');
const NAMES = readdirSync(GOLDEN).filter((name) => existsSync(join(GOLDEN, name, 'config.json')));
const addon = requireAddon();
const VARIANTS = addon.kernelVariants().flatMap(({ name, available }) => (available ? [name] : []));
afterAll(() => addon.selectKernels('auto'));

interface Golden {
  readonly sentences?: number[][];
  readonly logits?: number[][];
  readonly ids?: number[];
  readonly nll?: number;
}

describe.each(NAMES)('%s', (name) => {
  const golden = JSON.parse(readFileSync(join(GOLDEN, name, 'expected.json'), 'utf8')) as Golden;
  let image: Uint8Array;
  beforeAll(async () => {
    image = (await quantize(join(GOLDEN, name))).image;
  });

  test('comes close to what PyTorch computes', async () => {
    const opened = openImage(image, name);
    const engine = new ReferenceEngine(opened);
    if (golden.nll !== undefined) {
      let sum = 0;
      golden.ids!.forEach((id, t) => {
        engine.feed(t === 0 ? opened.bosId! : golden.ids![t - 1]!);
        sum += negativeLogLikelihood(engine.logits(), id, opened.header.logit_frac) / 2 ** 16;
      });
      expect(Math.abs(sum / golden.nll - 1)).toBeLessThan(0.0005);
      return;
    }
    golden.sentences!.forEach((ids, i) => {
      const { logits } = engine.classify(ids);
      golden.logits![i]!.forEach((v, j) =>
        expect(Math.abs(logits[j]! / 2 ** opened.header.logit_frac - v)).toBeLessThan(0.02),
      );
    });
  });

  test.each(VARIANTS)('has the same digest and answers in both engines with %s kernels', async (variant) => {
    expect(addon.selectKernels(variant)).toBe(true);
    const [native, reference] = [new NativeModel(Buffer.from(image)), new ReferenceModel(Buffer.from(image))];
    expect(await native.selfTest()).toBe(await reference.selfTest());
    for (const text of ['w2', 'w3 w4 w5 w17', 'w9 w9 w2 w12 w11 w3 w4 w15 w16 w7'])
      if (golden.nll === undefined) expect(await native.classify(text)).toEqual(await reference.classify(text));
      else expect(await native.score(text)).toEqual(await reference.score(text));
    await Promise.all([native.close(), reference.close()]);
  });
});
