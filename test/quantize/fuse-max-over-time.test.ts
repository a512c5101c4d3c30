/** Convolutions that keep the largest of all steps: the same integers, without the memory for the steps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReferenceEngine } from '../../src/engine/reference/engine';
import { selfTest } from '../../src/engine/reference/self-test';
import { FloatModel } from '../../src/graph/float-model';
import type { Graph, Node } from '../../src/graph/graph';
import { convOverTime, poolOverTime } from '../../src/graph/nodes';
import { openImage, type Image } from '../../src/image/read';
import { writeImage } from '../../src/image/write';
import { importCheckpoint } from '../../src/import/checkpoint';
import { alignConcats, type Calibrated } from '../../src/quantize/align-concats';
import { calibrate } from '../../src/quantize/calibrate';
import { randomSequences } from '../../src/quantize/calibration';
import { fuseMaxOverTime } from '../../src/quantize/fuse-max-over-time';
import { lowerGraph } from '../../src/quantize/lower';
import { layOut } from '../../src/quantize/quantize-graph';
import { chooseScales } from '../../src/quantize/scales';
import { OverTime, PoolMode } from '../../src/schema/image';

const GOLDEN = join(__dirname, '../golden');
const MODELS = join(__dirname, '../../models');

interface Both {
  readonly sequences: readonly ArrayLike<number>[];
  readonly graph: Graph;
  /** As convolutions and pools. */
  readonly unfused: Image;
  readonly fused: Image;
}

async function both(name: string): Promise<Both> {
  const original = await importCheckpoint(join(GOLDEN, name));
  const sequences = randomSequences(original).slice(0, 24);
  const ranges = await calibrate(new FloatModel(original), sequences);
  const { graph, content } = layOut(original, ranges);
  const aligned = alignConcats({ graph: original, ranges, scales: chooseScales(original, ranges) });
  const plain = { ...content, ...lowerGraph(aligned.graph, aligned.scales) };
  return {
    sequences,
    graph,
    unfused: openImage(writeImage(plain), name),
    fused: openImage(writeImage(content), name),
  };
}

const maxima = ({ ops }: Image): number =>
  ops.filter((op) => op.op === 'pool' && op.mode === PoolMode.max && op.kernel[0] === 0).length;
const largest = ({ ops }: Image): number =>
  ops.filter((op) => op.op === 'conv' && op.over_time === OverTime.largest).length;

describe.each([
  ['text-cnn', 3],
  ['text-cnn-deep', 2],
  ['bigru-cnn', 2],
  ['lstm-cnn', 2],
])('%s', (name, pairs) => {
  test('has the integers of convolutions and pools, in no more memory and a smaller image', async () => {
    const { unfused, fused, sequences } = await both(name);
    expect([maxima(unfused), largest(unfused)]).toEqual([pairs, 0]);
    expect([maxima(fused), largest(fused)]).toEqual([0, pairs]);
    expect(selfTest(fused)).toBe(selfTest(unfused));
    const [one, other] = [new ReferenceEngine(unfused), new ReferenceEngine(fused)];
    for (const ids of sequences) expect(other.classify(ids)).toEqual(one.classify(ids));
    expect(fused.header.scratch_bytes).toBeLessThanOrEqual(unfused.header.scratch_bytes);
    expect(fused.header.size).toBeLessThan(unfused.header.size);
  });

  test('is the same in float, and every layer keeps its name', async () => {
    const original = await importCheckpoint(join(GOLDEN, name));
    const { graph, sequences } = await both(name);
    for (const ids of sequences)
      expect(new FloatModel(graph).logits(ids)).toEqual(new FloatModel(original).logits(ids));
    const pools = new Set(original.nodes.filter(({ op }) => op === 'pool').map(({ output }) => output));
    const names = graph.nodes.map(({ output }) => output);
    expect(names).toEqual(original.nodes.map(({ output }) => output).filter((output) => !pools.has(output)));
  });
});

describe('what stays as it is:', () => {
  const weight = { name: 'w', shape: [4, 2, 3], data: new Float32Array(24) };
  const bias = { name: 'b', shape: [4], data: new Float32Array(4) };
  const conv = convOverTime({ output: 'conv', input: 'words' }, weight, bias, 'relu');
  const pool = poolOverTime({ output: 'pool', input: 'conv' }, 'max', 4);
  const fuse = (nodes: readonly Node[]): readonly Node[] => {
    const empty = { ranges: new Map(), scales: { of: new Map(), logitFrac: 0 } } as unknown as Calibrated;
    return fuseMaxOverTime({ ...empty, graph: { nodes } as Graph }).graph.nodes;
  };

  test.each<[string, Node[]]>([
    ['a convolution that something else reads, too', [conv, pool, { ...pool, output: 'other' }]],
    ['an average', [conv, { ...pool, mode: 'average' }]],
    ['a maximum of some steps', [conv, { ...pool, kernel: [2, 1] }]],
    ['a maximum over the width, too', [conv, { ...pool, kernel: ['all', 2] }]],
    ['a maximum of every second feature', [conv, { ...pool, stride: [1, 2] }]],
    ['a maximum of something else', [{ op: 'last_step', output: 'conv', input: 'words', direction: 'forward' }, pool]],
  ])('%s', (_name, nodes) => {
    expect(fuse(nodes)).toEqual(nodes);
  });

  test('nothing of a convolution and its maximum over time', () => {
    const after: Node = { op: 'concat', output: 'joined', inputs: ['pool', 'words', 'pool'] };
    expect(fuse([conv, pool, after])).toEqual([
      { ...conv, overTime: 'largest' },
      { ...after, inputs: ['conv', 'words', 'conv'] },
    ]);
  });
});

test.each([
  ['sst2-textcnn', 7_504], // words 64 · 112, and 3 · 100 largest steps, each from a multiple of 16 on
  ['trec-textcnn', 6_736],
  ['sst2-rnncnn', 17_024],
])('the shipped %s takes %i bytes of RAM, and no pool', (name, bytes) => {
  const image = openImage(new Uint8Array(readFileSync(join(MODELS, name, `${name}.linnet`))), name);
  expect(image.header.state_bytes + image.header.scratch_bytes).toBe(bytes);
  expect([maxima(image), largest(image)]).toEqual([0, 3]);
});
