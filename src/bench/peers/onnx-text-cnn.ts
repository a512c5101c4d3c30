/**
 * A text-CNN for ONNX Runtime, for sentences of a fixed length. int8 is its fastest way on x86: static scales, unsigned
 * activations, signed weights with a scale a filter, the ReLU in the range of the result.
 */
import type { ConvNode, Graph, LinearNode, Weight } from '../../graph/graph.js';
import { ElementType, type OnnxNode, type OnnxTensor, tensor, writeOnnx } from './onnx.js';

export interface TextCnnForm {
  readonly precision: 'int8' | 'float';
  /** Tokens of every sentence. */
  readonly tokens: number;
  /** Largest magnitude of a value, by the node that makes it; for int8. */
  readonly largest: (output: string) => number;
}

/** Input ids int64 [tokens], output scores float [1, labels]. */
export function onnxTextCnn(graph: Graph, form: TextCnnForm): Uint8Array {
  return new Builder(form).build(graph);
}

class Builder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #widthOf = new Map<string, number>();

  constructor(private readonly form: TextCnnForm) {}

  build(graph: Graph): Uint8Array {
    let labels = 0;
    for (const node of graph.nodes) {
      if (node.op === 'embedding') this.#embedding(node.output, node.table);
      else if (node.op === 'conv') this.#conv(node);
      else if (node.op === 'pool') this.#pool(node.output, node.input);
      else if (node.op === 'concat') this.#concat(node.output, node.inputs);
      else if (node.op === 'linear') labels = this.#linear(node);
      else if (node.op === 'softmax') this.#node('Softmax', [node.input], node.output, { axis: 1 });
      else throw new Error(`no ONNX form for ${node.op}`);
    }
    return writeOnnx({
      name: graph.name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: [{ name: 'ids', type: ElementType.int64, dims: [this.form.tokens] }],
      outputs: [{ name: graph.nodes.at(-1)!.output, type: ElementType.float, dims: [1, labels] }],
      opsets: { '': 17 },
    });
  }

  get #int8(): boolean {
    return this.form.precision === 'int8';
  }

  #constant(name: string, type: number, dims: readonly number[], data: ArrayBufferView): string {
    this.#initializers.push(tensor(name, type, dims, data));
    return name;
  }

  #node(op: string, inputs: readonly string[], output: string, attributes?: OnnxNode['attributes']): string {
    this.#nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  #embedding(output: string, { name, shape, data }: Weight): void {
    const [, columns] = shape as [number, number];
    const dims = this.#constant('sentence', ElementType.int64, [4], BigInt64Array.from([1, 1, this.form.tokens, columns].map(BigInt))); // prettier-ignore
    const table = this.#int8
      ? this.#constant(name, ElementType.uint8, shape, this.#embeddingCodes(output, data))
      : this.#constant(name, ElementType.float, shape, data);
    this.#node('Reshape', [this.#node('Gather', [table, 'ids'], `${output}.rows`), dims], output);
  }

  /** Symmetric around 128. */
  #embeddingCodes(output: string, data: Float32Array): Uint8Array {
    const scale = this.form.largest(output) / 127;
    this.#constant(`${output}.scale`, ElementType.float, [], Float32Array.of(scale));
    this.#constant(`${output}.zero`, ElementType.uint8, [], Uint8Array.of(128));
    return Uint8Array.from(data, (v) => 128 + Math.max(-127, Math.min(127, Math.round(v / scale))));
  }

  /** [1, 1, tokens, columns] → [1, filters, positions, 1] */
  #conv({ output, input, weight, bias }: ConvNode): void {
    const [filters, width, , columns] = weight.shape as [number, number, number, number];
    const dims = [filters, 1, width, columns];
    this.#widthOf.set(output, width);
    if (!this.#int8) {
      const w = this.#constant(weight.name, ElementType.float, dims, weight.data);
      const b = this.#constant(bias.name, ElementType.float, [filters], bias.data);
      this.#node('Relu', [this.#node('Conv', [input, w, b], `${output}.sum`)], output);
      return;
    }
    // All convolutions give the scale of their concatenation, 0 … 255 from 0 on: no step to join them.
    const scale = this.form.largest('concat') / 255;
    const inputScale = this.form.largest(input) / 127;
    const { values, scales } = quantizeRows(weight, filters);
    const inputs = [
      input,
      `${input}.scale`,
      `${input}.zero`,
      this.#constant(weight.name, ElementType.int8, dims, values),
      this.#constant(`${weight.name}.scale`, ElementType.float, [filters], scales),
      this.#constant(`${weight.name}.zero`, ElementType.int8, [filters], new Int8Array(filters)),
      this.#constant(`${output}.scale`, ElementType.float, [], Float32Array.of(scale)),
      this.#constant(`${output}.zero`, ElementType.uint8, [], Uint8Array.of(0)),
      this.#constant(bias.name, ElementType.int32, [filters], biasCodes(bias, scales, inputScale)),
    ];
    this.#node('QLinearConv', inputs, output, { kernel_shape: [width, columns] });
  }

  #pool(output: string, input: string): void {
    const kernel = [this.form.tokens - this.#widthOf.get(input)! + 1, 1];
    this.#node('MaxPool', [input], output, { kernel_shape: kernel });
  }

  /** → [1, features] */
  #concat(output: string, inputs: readonly string[]): void {
    const joined = this.#node('Concat', inputs, `${output}.all`, { axis: 1 });
    this.#node('Flatten', [joined], output, { axis: 1 });
  }

  /** @returns rows; the values are float */
  #linear({ output, input, weight, bias }: LinearNode): number {
    const [rows, columns] = weight.shape as [number, number];
    let x = input;
    if (this.#int8) {
      const scale = this.#constant(`${input}.scale`, ElementType.float, [], Float32Array.of(this.form.largest(input) / 255)); // prettier-ignore
      const zero = this.#constant(`${input}.zero`, ElementType.uint8, [], Uint8Array.of(0));
      x = this.#node('DequantizeLinear', [input, scale, zero], `${input}.float`);
    }
    const w = this.#constant(weight.name, ElementType.float, [rows, columns], weight.data);
    const b = this.#constant(bias.name, ElementType.float, [rows], bias.data);
    this.#node('Gemm', [x, w, b], output, { transB: 1 });
    return rows;
  }
}

/** Symmetric, a scale a row. */
function quantizeRows({ data }: Weight, rows: number) {
  const columns = data.length / rows;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * columns, (r + 1) * columns);
    const scale = row.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / 127 || 1;
    scales[r] = scale;
    row.forEach((v, k) => (values[r * columns + k] = Math.round(v / scale)));
  }
  return { values, scales };
}

function biasCodes(bias: Weight, scales: Float32Array, inputScale: number): Int32Array {
  return Int32Array.from(bias.data, (v, r) => Math.round(v / (scales[r]! * inputScale)));
}
