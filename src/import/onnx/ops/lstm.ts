/** LSTM: gates i, o, f, c in ONNX, i, f, g, o here. */
import { outputAxes, readRecurrent, recurrentOutputs } from '../recurrent.js';
import type { Op } from './op.js';

const GATES = [0, 2, 3, 1];
const INITIAL_STATES = [5, 6];

export const lstm: Op = (node, graph) => {
  const layer = readRecurrent(node, graph, GATES, ['Sigmoid', 'Tanh', 'Tanh'], INITIAL_STATES);
  const { input, hiddenSize, inputWeight, recurrentWeight, inputBias, recurrentBias } = layer;
  const bias = {
    name: `${node.name}.bias`,
    shape: [inputBias.length],
    data: inputBias.map((b, row) => b + recurrentBias[row]!),
  };
  const output = graph.add(
    {
      op: 'lstm',
      direction: 'forward',
      output: node.name,
      input: graph.read(node, input),
      inputWeight,
      recurrentWeight,
      bias,
    },
    { axes: outputAxes(hiddenSize), features: hiddenSize, overTime: true, shrink: input.shrink },
  );
  return recurrentOutputs(node, layer, output);
};
