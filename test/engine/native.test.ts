/** The native engine through the addon, every kernel variant, against the reference engine. */
import { LinnetError } from '../../src/errors.js';
import { NativeModel } from '../../src/engine/native.js';
import { requireAddon } from '../../src/engine/native-addon.js';
import { ReferenceModel } from '../../src/engine/reference/model.js';
import type { GenerateOptions } from '../../src/model.js';
import { CLASSIFIERS, collect, imageBytes, IMAGES, LANGUAGE_MODELS } from './images.js';

const addon = requireAddon();
const VARIANTS = addon.kernelVariants().flatMap(({ name, available }) => (available ? [name] : []));
const TEXTS = ['the film was gorgeous', 'and—NOT bad!!', 'naÏve über 東京', 'x', '  the  the the '];

beforeAll(() => {
  if (!VARIANTS.includes('avx2')) console.warn('SKIPPED: this CPU has no AVX2, only the reference kernels are tested');
});
afterAll(() => addon.selectKernels('auto'));

describe.each(VARIANTS)('with %s kernels', (variant) => {
  beforeAll(() => expect(addon.selectKernels(variant)).toBe(true));

  test('they are the ones in use', () => expect(addon.kernels()).toBe(variant));

  describe.each(IMAGES)('%s', (name) => {
    const native = new NativeModel(imageBytes(name));
    const reference = new ReferenceModel(imageBytes(name));
    afterAll(() => Promise.all([native.close(), reference.close()]));

    test('has the same info', () => expect(native.info).toEqual(reference.info));

    test('has the same self-test digest', async () => expect(await native.selfTest()).toBe(await reference.selfTest()));

    test.each([...TEXTS, '', '\u0000\ud800'])('encodes %j alike', (text) =>
      expect(native.encode(text)).toEqual(reference.encode(text)),
    );
  });

  describe.each(LANGUAGE_MODELS)('%s', (name) => {
    const native = new NativeModel(imageBytes(name));
    const reference = new ReferenceModel(imageBytes(name));
    afterAll(() => Promise.all([native.close(), reference.close()]));

    const cases: [string, GenerateOptions][] = [
      ['greedy', { maxTokens: 120, temperature: 0 }],
      ['sampled from all', { maxTokens: 120, temperature: 1, topK: 0, seed: 1 }],
      ['top-k', { maxTokens: 120, temperature: 0.8, topK: 5, seed: 4294967295 }],
      ['hot', { maxTokens: 120, temperature: 15.99, topK: 128, seed: 0 }],
      ['cold', { maxTokens: 120, temperature: 1 / 4096, topK: 1, seed: 9 }],
      ['one token', { maxTokens: 1, seed: 3 }],
    ];
    test.each(cases)('generates the same tokens and text: %s', async (_, options) => {
      for (const prompt of TEXTS.slice(0, 3))
        expect(await collect(native.generate(prompt, options))).toEqual(
          await collect(reference.generate(prompt, options)),
        );
    });

    test('goes on from the last state alike', async () => {
      for (const model of [native, reference]) await collect(model.generate('the', { maxTokens: 9, seed: 1 }));
      for (let round = 0; round < 3; round++) {
        const options = { maxTokens: 9, seed: round, keepState: true };
        const tokens = await collect(native.generate(round === 1 ? '' : 'and', options));
        expect(tokens).toEqual(await collect(reference.generate(round === 1 ? '' : 'and', options)));
      }
    });

    test('scores alike', async () => {
      for (const text of TEXTS) expect(await native.score(text)).toEqual(await reference.score(text));
    });
  });

  describe.each(CLASSIFIERS)('%s', (name) => {
    const native = new NativeModel(imageBytes(name));
    const reference = new ReferenceModel(imageBytes(name));
    afterAll(() => Promise.all([native.close(), reference.close()]));

    test('classifies alike, alone and in a batch', async () => {
      const expected = await Promise.all(TEXTS.map((text) => reference.classify(text)));
      expect(await Promise.all(TEXTS.map((text) => native.classify(text)))).toEqual(expected);
      expect(await native.classifyBatch(TEXTS)).toEqual(expected);
    });
  });
});

describe('what a model cannot do', () => {
  const lm = new NativeModel(imageBytes('lm-tied'), 'lm');
  const cnn = new NativeModel(imageBytes('cnn'), 'cnn');
  afterAll(() => Promise.all([lm.close(), cnn.close()]));

  const refused = (work: Promise<unknown>, code: string) =>
    expect(work).rejects.toMatchObject({ name: 'LinnetError', code });

  test('a classifier generates and scores nothing', async () => {
    await refused(collect(cnn.generate('a')), 'wrong_kind');
    await refused(cnn.score('a'), 'wrong_kind');
  });

  test('a language model classifies nothing', async () => {
    await refused(lm.classify('a'), 'wrong_kind');
    await refused(lm.classifyBatch(['a']), 'wrong_kind');
  });

  test('an empty text has no score and no label', async () => {
    await refused(lm.score(''), 'input_empty');
    await refused(cnn.classify(' '), 'input_empty');
  });

  test('a sentence may be too long, and the message of a batch tells which', async () => {
    const long = 'the '.repeat(41);
    await refused(cnn.classify(long), 'input_too_long');
    const error: unknown = await cnn.classifyBatch(['the', 'the', long]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LinnetError);
    expect((error as LinnetError).where).toBe('text 2');
    expect(await cnn.classifyBatch([])).toEqual([]);
  });

  test('a text must be a string', async () => {
    const junk = 5 as unknown as string;
    await refused(lm.score(junk), 'bad_parameter');
    await refused(cnn.classify(junk), 'bad_parameter');
    await refused(cnn.classifyBatch(['a', junk]), 'bad_parameter');
    await refused(collect(lm.generate(junk)), 'bad_parameter');
  });
});
