/**
 * A language model for ONNX Runtime, quantized its way: DynamicQuantizeLSTM and MatMulInteger, one int8 scale
 * a matrix column, activations quantized as they come. One token a call; state and argmax are in the graph.
 */
import type { Graph, LstmNode, Weight } from '../../src/graph/graph.js';
import { ElementType, type OnnxNode, type OnnxTensor, type OnnxValue, tensor, writeOnnx } from './onnx.js';

const MICROSOFT = 'com.microsoft';

/**
 * Inputs token int64 [1], h0, c0, h1, c1, … float [1, 1, hidden_size]; outputs next int64 [1] and the states
 * under the same names with "_out".
 */
export function dynamicInt8Model(graph: Graph, { sequence = false } = {}): Uint8Array {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [{ name: 'token', type: ElementType.int64, dims: [sequence ? 'n' : 1] }];
  if (sequence) inputs.push({ name: 'wanted', type: ElementType.int64, dims: ['n', 1] });
  const outputs: OnnxValue[] = [
    sequence
      ? { name: 'nll', type: ElementType.float, dims: ['n', 1] }
      : { name: 'next', type: ElementType.int64, dims: [1] },
  ];
  const constant = (name: string, type: number, dims: readonly number[], data: ArrayBufferView): string => {
    initializers.push(tensor(name, type, dims, data));
    return name;
  };
  const quantized = (weight: Weight, rowOrder: Int32Array, batch: readonly number[]): [string, string, string] => {
    const { columns, rows, values, scales } = quantizeTransposed(weight, rowOrder);
    return [
      constant(weight.name, ElementType.int8, [...batch, columns, rows], values),
      constant(`${weight.name}.scale`, ElementType.float, [...batch, rows], scales),
      constant(`${weight.name}.zero`, ElementType.int8, batch.length > 0 ? [...batch, rows] : [], batch.length > 0 ? new Int8Array(rows) : new Int8Array(1)),
    ]; // prettier-ignore
  };

  const axis0 = constant('axis0', ElementType.int64, [1], BigInt64Array.of(0n));
  const axis1 = constant('axis1', ElementType.int64, [1], BigInt64Array.of(1n));
  const lstm = (node: LstmNode, input: string, layer: number): string => {
    const hiddenSize = node.recurrentWeight.shape[1]!;
    const order = onnxGateOrder(hiddenSize);
    const [w, wScale, wZero] = quantized(node.inputWeight, order, [1]);
    const [r, rScale, rZero] = quantized(node.recurrentWeight, order, [1]);
    const bias = new Float32Array(8 * hiddenSize); // input biases, then recurrent ones: 0
    order.forEach((row, i) => (bias[i] = node.bias.data[row]!));
    const b = constant(node.bias.name, ElementType.float, [1, 8 * hiddenSize], bias);
    const dims = [1, 1, hiddenSize];
    const [h, c] = [`h${layer}`, `c${layer}`];
    for (const name of [h, c]) {
      inputs.push({ name, type: ElementType.float, dims });
      outputs.push({ name: `${name}_out`, type: ElementType.float, dims });
    }
    nodes.push({
      op: 'DynamicQuantizeLSTM',
      domain: MICROSOFT,
      inputs: [input, w, r, b, '', h, c, '', wScale, wZero, rScale, rZero],
      outputs: [sequence ? `${h}_all` : '', `${h}_out`, `${c}_out`],
      attributes: { hidden_size: hiddenSize },
    });
    if (!sequence) return `${h}_out`;
    nodes.push({ op: 'Squeeze', inputs: [`${h}_all`, axis1], outputs: [`${h}_seq`] });
    return `${h}_seq`;
  };

  let value = '';
  let layer = 0;
  for (const node of graph.nodes) {
    if (node.op === 'embedding') {
      const table = constant(node.table.name, ElementType.float, node.table.shape, node.table.data);
      nodes.push({ op: 'Gather', inputs: [table, 'token'], outputs: ['row'] });
      nodes.push({ op: 'Unsqueeze', inputs: ['row', sequence ? axis1 : axis0], outputs: ['embedded'] });
      value = 'embedded';
    } else if (node.op === 'lstm') {
      value = lstm(node, value, layer++);
    } else if (node.op === 'linear') {
      const [rows] = node.weight.shape as [number];
      const [w, scale, zero] = quantized(
        node.weight,
        Int32Array.from({ length: rows }, (_, i) => i),
        [],
      );
      const bias = constant(node.bias.name, ElementType.float, [rows], node.bias.data);
      nodes.push(
        { op: 'Squeeze', inputs: [value, sequence ? axis1 : axis0], outputs: ['x'] },
        { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['x_int', 'x_scale', 'x_zero'] },
        { op: 'MatMulInteger', inputs: ['x_int', w, 'x_zero', zero], outputs: ['sums'] },
        { op: 'Cast', inputs: ['sums'], outputs: ['sums_float'], attributes: { to: ElementType.float } },
        { op: 'Mul', inputs: ['x_scale', scale], outputs: ['unit'] },
        { op: 'Mul', inputs: ['sums_float', 'unit'], outputs: ['products'] },
        { op: 'Add', inputs: ['products', bias], outputs: ['logits'] },
        ...(sequence
          ? [
              { op: 'LogSoftmax', inputs: ['logits'], outputs: ['log_p'], attributes: { axis: 1 } },
              { op: 'GatherElements', inputs: ['log_p', 'wanted'], outputs: ['nll'], attributes: { axis: 1 } },
            ]
          : [{ op: 'ArgMax', inputs: ['logits'], outputs: ['next'], attributes: { axis: 1, keepdims: 0 } }]),
      );
    } else throw new Error(`no ONNX form for ${node.op}`);
  }
  return writeOnnx({ name: graph.name, nodes, initializers, inputs, outputs, opsets: { '': 17, [MICROSOFT]: 1 } });
}

/** Row i of ONNX's matrices (gates i, o, f, g) in PyTorch's (i, f, g, o). */
function onnxGateOrder(hiddenSize: number): Int32Array {
  const gates = [0, 3, 1, 2];
  return Int32Array.from(
    { length: 4 * hiddenSize },
    (_, i) => gates[Math.floor(i / hiddenSize)]! * hiddenSize + (i % hiddenSize),
  );
}

/** [rows, columns] float to [columns, rows] int8, symmetric, a scale a row. */
function quantizeTransposed(weight: Weight, rowOrder: Int32Array) {
  const [rows, columns] = weight.shape as [number, number];
  const values = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  rowOrder.forEach((source, row) => {
    const data = weight.data.subarray(source * columns, (source + 1) * columns);
    const scale = data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / 127 || 1;
    scales[row] = scale;
    data.forEach((v, column) => (values[column * rows + row] = Math.round(v / scale)));
  });
  return { rows, columns, values, scales };
}
