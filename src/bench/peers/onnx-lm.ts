/**
 * A language model for ONNX Runtime. int8 is its own way: DynamicQuantizeLSTM and MatMulInteger, one scale a matrix
 * column, activations quantized as they come.
 */
import type { Graph, LinearNode, LstmNode, Weight } from '../../graph/graph.js';
import { ElementType, type OnnxNode, type OnnxTensor, type OnnxValue, tensor, writeOnnx } from './onnx.js';

const MICROSOFT = 'com.microsoft';

export interface LmForm {
  readonly precision: 'int8' | 'float';
  /**
   * next: one token a call, its likeliest successor. log_p: n tokens a call, each with the log-probability of the
   * wanted one after it. logit: as log_p, but the wanted one's logit, without the softmax.
   */
  readonly answer: 'next' | 'log_p' | 'logit';
}

/**
 * Inputs token int64 [n], for log_p and logit wanted int64 [n, 1], h0, c0, h1, c1, … float [1, 1, hidden_size]; outputs
 * the answer (next int64 [1], else float [n, 1]) under its name and the states under theirs with "_out".
 */
export function onnxLanguageModel(graph: Graph, form: LmForm): Uint8Array {
  return new Builder(form).build(graph);
}

class Builder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #sequence: boolean;
  #layers = 0;

  constructor(private readonly form: LmForm) {
    this.#sequence = form.answer !== 'next';
  }

  build(graph: Graph): Uint8Array {
    const n = this.#sequence ? 'n' : 1;
    this.#inputs.push({ name: 'token', type: ElementType.int64, dims: [n] });
    if (this.#sequence) this.#inputs.push({ name: 'wanted', type: ElementType.int64, dims: [n, 1] });
    const type = this.#sequence ? ElementType.float : ElementType.int64;
    this.#outputs.push({ name: this.form.answer, type, dims: this.#sequence ? [n, 1] : [1] });
    this.#constant('axis1', ElementType.int64, [1], BigInt64Array.of(1n));
    let value = '';
    for (const node of graph.nodes) {
      if (node.op === 'embedding') value = this.#embedding(node.table);
      else if (node.op === 'lstm') value = this.#lstm(node, value);
      else if (node.op === 'linear') this.#answer(this.#linear(node, value));
      else throw new Error(`no ONNX form for ${node.op}`);
    }
    return writeOnnx({
      name: graph.name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
      opsets: { '': 17, [MICROSOFT]: 1 },
    });
  }

  #constant(name: string, type: number, dims: readonly number[], data: ArrayBufferView): string {
    this.#initializers.push(tensor(name, type, dims, data));
    return name;
  }

  #node(op: string, inputs: readonly string[], output: string, attributes?: OnnxNode['attributes']): string {
    this.#nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** @returns [n, 1, features] */
  #embedding({ name, shape, data }: Weight): string {
    const table = this.#constant(name, ElementType.float, shape, data);
    return this.#node('Unsqueeze', [this.#node('Gather', [table, 'token'], 'row'), 'axis1'], 'embedded');
  }

  /** @param input [n, 1, features] @returns likewise */
  #lstm(node: LstmNode, input: string): string {
    const layer = this.#layers++;
    const hiddenSize = node.recurrentWeight.shape[1]!;
    const order = onnxGateOrder(hiddenSize);
    const bias = new Float32Array(8 * hiddenSize); // input biases, then recurrent ones: 0
    order.forEach((row, i) => (bias[i] = node.bias.data[row]!));
    const b = this.#constant(node.bias.name, ElementType.float, [1, 8 * hiddenSize], bias);
    const dims = [1, 1, hiddenSize];
    const [h, c] = [`h${layer}`, `c${layer}`];
    for (const name of [h, c]) {
      this.#inputs.push({ name, type: ElementType.float, dims });
      this.#outputs.push({ name: `${name}_out`, type: ElementType.float, dims });
    }
    const outputs = [this.#sequence ? `${h}_all` : '', `${h}_out`, `${c}_out`];
    const attributes = { hidden_size: hiddenSize };
    if (this.form.precision === 'int8') {
      const [w, wScale, wZero] = this.#quantized(node.inputWeight, order, true);
      const [r, rScale, rZero] = this.#quantized(node.recurrentWeight, order, true);
      const inputs = [input, w, r, b, '', h, c, '', wScale, wZero, rScale, rZero];
      this.#nodes.push({ op: 'DynamicQuantizeLSTM', domain: MICROSOFT, inputs, outputs, attributes });
    } else {
      const w = this.#reordered(node.inputWeight, order);
      const r = this.#reordered(node.recurrentWeight, order);
      this.#nodes.push({ op: 'LSTM', inputs: [input, w, r, b, '', h, c], outputs, attributes });
    }
    return this.#sequence ? this.#node('Squeeze', [`${h}_all`, 'axis1'], `${h}_seq`) : `${h}_out`;
  }

  /** @param value [n, 1, features] @returns logits [n, rows] */
  #linear(node: LinearNode, value: string): string {
    const [rows, columns] = node.weight.shape as [number, number];
    const bias = this.#constant(node.bias.name, ElementType.float, [rows], node.bias.data);
    const x = this.#node('Squeeze', [value, 'axis1'], 'x');
    if (this.form.precision === 'float') {
      const w = this.#constant(node.weight.name, ElementType.float, [columns, rows], transposed(node.weight));
      return this.#node('Gemm', [x, w, bias], 'logits');
    }
    const [w, scale, zero] = this.#quantized(node.weight, inOrder(rows), false);
    this.#nodes.push({ op: 'DynamicQuantizeLinear', inputs: [x], outputs: ['x_int', 'x_scale', 'x_zero'] });
    const sums = this.#node('MatMulInteger', ['x_int', w, 'x_zero', zero], 'sums');
    const float = this.#node('Cast', [sums], 'sums_float', { to: ElementType.float });
    const unit = this.#node('Mul', ['x_scale', scale], 'unit');
    return this.#node('Add', [this.#node('Mul', [float, unit], 'products'), bias], 'logits');
  }

  #answer(logits: string): void {
    const { answer } = this.form;
    if (answer === 'next') this.#node('ArgMax', [logits], answer, { axis: 1, keepdims: 0 });
    else {
      const from = answer === 'logit' ? logits : this.#node('LogSoftmax', [logits], 'all_log_p', { axis: 1 });
      this.#node('GatherElements', [from, 'wanted'], answer, { axis: 1 });
    }
  }

  /** @returns names of values [columns, rows], scales and zero points; of an LSTM with a direction in front */
  #quantized(weight: Weight, rowOrder: Int32Array, lstm: boolean): [string, string, string] {
    const { columns, rows, values, scales } = quantizeTransposed(weight, rowOrder);
    const direction = lstm ? [1] : [];
    return [
      this.#constant(weight.name, ElementType.int8, [...direction, columns, rows], values),
      this.#constant(`${weight.name}.scale`, ElementType.float, [...direction, rows], scales),
      this.#constant(`${weight.name}.zero`, ElementType.int8, lstm ? [1, rows] : [], new Int8Array(lstm ? rows : 1)),
    ];
  }

  #reordered({ name, shape, data }: Weight, rowOrder: Int32Array): string {
    const [rows, columns] = shape as [number, number];
    const out = new Float32Array(data.length);
    rowOrder.forEach((from, row) => out.set(data.subarray(from * columns, (from + 1) * columns), row * columns));
    return this.#constant(name, ElementType.float, [1, rows, columns], out);
  }
}

function inOrder(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** Row i of ONNX's matrices (gates i, o, f, g) in PyTorch's (i, f, g, o). */
function onnxGateOrder(hiddenSize: number): Int32Array {
  const gates = [0, 3, 1, 2];
  return Int32Array.from(
    { length: 4 * hiddenSize },
    (_, i) => gates[Math.floor(i / hiddenSize)]! * hiddenSize + (i % hiddenSize),
  );
}

/** [rows, columns] → [columns, rows] */
function transposed({ shape, data }: Weight): Float32Array {
  const [rows, columns] = shape as [number, number];
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
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
