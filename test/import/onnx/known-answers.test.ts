/** Convolutions whose answers are known, over [time, width] of ones. */
import { ElementType } from '../../../src/bench/peers/onnx.js';
import { FloatModel } from '../../../src/graph/float-model.js';
import { importModel } from '../../../src/import/model.js';
import { ModelFolder } from './compare.js';
import { ModelWriter } from './random-models.js';

const KERNEL = [3, 8, 3, 2, 7, 9, 5, 0, 2];

let folder: ModelFolder;
beforeEach(() => (folder = new ModelFolder()));
afterEach(() => folder.remove());

/** What `op` with KERNEL makes of `size` × `size` ones, row by row. */
async function planeOf(op: string, size: number): Promise<number[][]> {
  const w = new ModelWriter(1);
  const ones = w.node('Unsqueeze', [w.node('Gather', [w.floats([3, size], () => 1), 'ids']), w.integers([1])]);
  const kernel = KERNEL.values();
  const y = w.node(op, [ones, w.floats([1, 1, 3, 3], () => kernel.next().value!)]);
  const output = w.node('Gemm', [w.node('Flatten', [w.node('GlobalMaxPool', [y])]), w.floats([1, 2])]);
  const bytes = w.finish([{ name: 'ids', type: ElementType.int64, dims: [1, 'time'] }], output, 2);
  const rows: number[][] = [];
  new FloatModel(await importModel(folder.write(bytes, 3))).logits(
    new Array(size).fill(2),
    (node, { data, features }) => {
      if (node.op === 'conv') for (let at = 0; at < data.length; at += features) rows.push([...data.subarray(at, at + features)]); // prettier-ignore
    },
  );
  return rows;
}

test('a transposed convolution of 3 × 3 ones lays the kernel over itself nine times', async () => {
  expect(await planeOf('ConvTranspose', 3)).toEqual([
    [3, 11, 14, 11, 3],
    [5, 20, 32, 27, 12],
    [10, 25, 39, 29, 14],
    [7, 14, 25, 18, 11],
    [5, 5, 7, 2, 2],
  ]);
});

test('a 3 × 3 kernel over 5 × 5 ones gives 3 × 3 times its sum', async () => {
  expect(await planeOf('Conv', 5)).toEqual(new Array(3).fill([39, 39, 39]));
});
