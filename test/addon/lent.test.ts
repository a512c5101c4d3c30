/** Memory the addon lends for an image: taken over by the model, never twice, and nobody's after that. */
import { readFileSync } from 'node:fs';
import { load } from '../../src/index.js';
import { NativeModel } from '../../src/engine/native.js';
import { requireAddon } from '../../src/engine/native-addon.js';

const CLASSIFIER = 'models/sst2-textcnn/sst2-textcnn.linnet';
const TEXT = 'a gorgeous, witty film';
const addon = requireAddon();

function lent(bytes: Uint8Array, more = 0): Uint8Array {
  const memory = addon.lend(bytes.length + more);
  memory.set(bytes);
  return memory;
}

test('a model takes lent memory over: the array is empty then, and the answers are those of a copy', async () => {
  const bytes = readFileSync(CLASSIFIER);
  const memory = lent(bytes);
  const model = new NativeModel(memory);
  expect(memory.length).toBe(0);
  const copied = new NativeModel(bytes);
  expect(bytes.length).toBeGreaterThan(0);
  expect(model.classifySync(TEXT)).toEqual(copied.classifySync(TEXT));
  expect(model.info).toEqual(copied.info);
  await Promise.all([model.close(), copied.close()]);
});

test('a part of lent memory is copied', async () => {
  const bytes = readFileSync(CLASSIFIER);
  const memory = lent(bytes, 16);
  const model = new NativeModel(memory.subarray(0, bytes.length));
  expect(memory.length).toBe(bytes.length + 16);
  memory.fill(0);
  const loaded = await load(CLASSIFIER);
  expect(model.classifySync(TEXT)).toEqual(await loaded.classify(TEXT));
  await Promise.all([model.close(), loaded.close()]);
});

test('a refused image is taken over too', () => {
  const memory = lent(new Uint8Array(4096));
  expect(() => new NativeModel(memory)).toThrow();
  expect(memory.length).toBe(0);
});

test('token ids are classified as the text they come from, and bad ones refused', async () => {
  const model = new NativeModel(readFileSync(CLASSIFIER));
  expect(model.classifySync(model.encode(TEXT))).toEqual(model.classifySync(TEXT));
  expect(() => model.classifySync(Uint16Array.of(65535, 1, 2, 3, 4))).toThrow();
  expect(() => model.classifySync(new Uint16Array(0))).toThrow();
  await model.close();
});
