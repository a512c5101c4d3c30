/** Conv along time: 1-D, or 2-D with a kernel as wide as the features (Kim 2014) or 1. */
import type { Weight } from '../../../graph/graph.js';
import { LIMITS } from '../../../schema/image.js';
import { strided, stridesOf } from '../constants.js';
import type { OnnxNode } from '../node.js';
import { isFeatures, type Activation, type Tensor } from '../values.js';
import { foldInput } from './linear.js';
import type { Op } from './op.js';

export const conv: Op = (node, graph) => {
  const input = node.activation(0);
  const w = node.weights(1);
  checkWindow(node, w.dims.length - 2);
  if (node.int('group', 1) !== 1) throw node.unsupported('it is grouped', 'use group 1');
  const { time, features } = findAxes(node, input, w);
  graph.claim(node, input.axes[0], 'batch');
  graph.claim(node, input.axes[time], 'time');
  const weight = timeMajor(w, time, features);
  const [filters, width, channels] = weight.shape as [number, number, number];
  if (width > LIMITS.max_width || width * channels > LIMITS.max_columns || filters > LIMITS.max_columns)
    throw node.unsupported(
      `${filters} filters of ${width} × ${channels}`,
      `this version supports a width of ${LIMITS.max_width} and ${LIMITS.max_columns} terms`,
    );
  const b = node.inputs[2] ? node.weights(2) : undefined;
  if (b && b.data.length !== filters) throw node.bad(`${b.data.length} biases for ${filters} filters`);
  const bias = b?.data ?? new Float32Array(filters);
  const folded = input.affine ? foldInput(weight, bias, input.affine, width) : { weight, bias };
  const axes = input.axes.map((axis, i) => {
    if (i === 1) return [{ of: 'features' as const, size: filters }];
    return i === features ? [] : axis;
  });
  return [
    graph.add(
      {
        op: 'conv1d',
        output: node.name,
        input: graph.readScaled(node, input),
        weight: folded.weight,
        bias: { name: b?.name ?? `${node.name}.bias`, shape: [filters], data: folded.bias },
        activation: 'none',
      },
      { axes, features: filters, overTime: true, shrink: input.shrink + width - 1 },
    ),
  ];
};

/** Unpadded windows, one at each step. */
function checkWindow(node: OnnxNode, spatial: number): void {
  const all = (name: string, value: number) => (node.ints(name) ?? []).every((n) => n === value);
  const auto = node.text('auto_pad', 'NOTSET');
  if (!all('pads', 0) || (auto !== 'NOTSET' && auto !== 'VALID'))
    throw node.unsupported(
      `it is padded (${node.ints('pads')?.join(', ') ?? auto})`,
      'train it without padding: this version convolves the text as it is',
    );
  if (!all('strides', 1)) throw node.unsupported(`strides are ${node.ints('strides')!.join(', ')}`, 'use stride 1');
  if (!all('dilations', 1))
    throw node.unsupported(`dilations are ${node.ints('dilations')!.join(', ')}`, 'use dilation 1');
  if (spatial !== 1 && spatial !== 2) throw node.unsupported(`it is ${spatial}-dimensional`, 'use Conv1d or Conv2d');
}

/** Which of the input's axes (batch, channels, spatial…) are time and features. */
function findAxes(node: OnnxNode, { axes, features, overTime }: Activation, w: Tensor) {
  if (axes.length !== w.dims.length) throw node.bad(`input of rank ${axes.length}, weights of rank ${w.dims.length}`);
  if (!overTime) throw node.unsupported('it follows max over time', 'convolutions come before');
  const featureAxis = axes.findIndex(isFeatures);
  const others = axes
    .map((_, i) => i)
    .slice(2)
    .filter((i) => i !== featureAxis);
  const long = others.filter((i) => axes[i]!.length > 0);
  // A model exported for one step has a time axis of size 1, which looks like any other.
  const time = long[0] ?? others[0];
  if (featureAxis < 1 || time === undefined || long.length > 1 || (featureAxis > 1 && axes[1]!.length > 0))
    throw node.unsupported(
      'its input is neither [batch, features, time] nor [batch, 1, time, features]',
      'transpose the embedding for Conv1d, or unsqueeze it for Conv2d',
    );
  if (w.dims[featureAxis] !== features || (featureAxis > 1 && w.dims[1] !== 1))
    throw node.unsupported(
      `kernel [${w.dims.slice(1).join(', ')}] for ${features} features`,
      'a kernel must cover all features',
    );
  if (others.some((i) => i !== time && w.dims[i] !== 1)) throw node.bad('its kernel is larger than the input');
  return { time, features: featureAxis };
}

/** → [filters, width, channels] */
function timeMajor({ name, dims, data }: Tensor, time: number, features: number): Weight {
  const strides = stridesOf(dims);
  const axes = [0, time, features];
  const shape = axes.map((axis) => dims[axis]!);
  const turned = strided(
    data,
    shape,
    axes.map((axis) => strides[axis]!),
  );
  return { name, shape, data: turned as Float32Array };
}
