/** Random classifiers: an embedding, layers of every kind, an end of time, a linear layer. */
import fc from 'fast-check';
import { ElementType } from '../../../src/bench/peers/onnx.js';
import { layerShape, writeLayer, type Flow, type LayerShape } from './random-layers.js';
import { ModelWriter } from './random-models.js';

export const graphShape = fc.record({
  vocabSize: fc.integer({ min: 3, max: 9 }),
  channels: fc.integer({ min: 1, max: 6 }),
  steps: fc.integer({ min: 1, max: 12 }),
  /** Longer texts that are tried too, where texts may have any length. */
  more: fc.integer({ min: 1, max: 9 }),
  dynamic: fc.boolean(),
  /** Where the embedding starts: channels, or a width with one channel. */
  image: fc.boolean(),
  layers: fc.array(layerShape, { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom('GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool', 'ReduceMax', 'ReduceMean', 'ReduceL1', 'ReduceL2', 'last', 'first', 'last kept', 'Flatten'), // prettier-ignore
  hidden: fc.constantFrom('none', 'Relu', 'Tanh', 'Sigmoid'),
  labels: fc.integer({ min: 2, max: 4 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
export type GraphShape = typeof graphShape extends fc.Arbitrary<infer T> ? T : never;

export interface RandomGraph {
  readonly model: Uint8Array;
  /** Texts of lengths it takes. */
  readonly texts: readonly (readonly number[])[];
  /** Those that fitted one on the other. */
  readonly layers: readonly LayerShape['layer'][];
}

export function writeGraph(shape: GraphShape): RandomGraph {
  const { vocabSize, channels, dynamic, labels } = shape;
  // An axis of size 1 could be anything: models for texts of one token are not among these.
  const steps = dynamic ? shape.steps : shape.steps + 1;
  const w = new ModelWriter(shape.seed);
  const embedded = w.node('Gather', [w.floats([vocabSize, channels]), 'ids']); // [1, time, channels]
  const flow: Flow = shape.image
    ? { w, dynamic, x: w.node('Unsqueeze', [embedded, w.integers([1])]), channels: 1, steps, width: channels }
    : { w, dynamic, x: w.node('Transpose', [embedded], { perm: [0, 2, 1] }), channels, steps, width: undefined };
  let strided = false;
  const written = shape.layers.filter((layer) => {
    // A transposed convolution after a stride along time is refused.
    if ((layer.layer === 'deconv' && strided) || !writeLayer(flow, layer)) return false;
    strided ||= (layer.layer === 'conv' || layer.layer === 'pool') && layer.stride[0] > 1;
    return true;
  });
  const x = endOfTime(flow, shape);
  let features = flow.channels * (flow.width ?? 1) * (shape.end === 'Flatten' && !dynamic ? flow.steps : 1);
  let y = w.node('Flatten', [x]);
  if (shape.hidden !== 'none') {
    y = w.node(shape.hidden, [w.node('Gemm', [y, w.floats([features, 5]), w.floats([5])])]);
    features = 5;
  }
  y = w.node('Gemm', [y, w.floats([features, labels]), w.floats([labels])]);
  const model = w.finish([{ name: 'ids', type: ElementType.int64, dims: [1, dynamic ? 'time' : steps] }], y, 2);
  const lengths = dynamic ? [steps, steps + shape.more] : [steps];
  return { model, texts: lengths.map((length) => w.ids(length, vocabSize)), layers: written.map(({ layer }) => layer) };
}

/** [1, channels, time(, width)] → [1, channels(, width)], time reduced or one step of it taken. */
function endOfTime(flow: Flow, { end, dynamic }: GraphShape): string {
  const { w, x } = flow;
  switch (end) {
    case 'GlobalMaxPool':
    case 'GlobalAveragePool':
    case 'GlobalLpPool':
      flow.width = undefined;
      return w.node(end, [x]);
    case 'last':
    case 'first':
      return w.node('Gather', [x, w.scalar(end === 'last' ? -1 : 0)], { axis: 2 });
    case 'last kept':
      return w.node('Slice', [x, w.integers([-1]), w.integers([2 ** 31]), w.integers([2])]);
    case 'Flatten':
      return dynamic ? w.node('ReduceMax', [x], { axes: [2], keepdims: 1 }) : x;
    default:
      return w.node(end, [x], { axes: [2], keepdims: 0 });
  }
}
