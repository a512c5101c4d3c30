/** Float graph and scales → the ops and tensors of an image. docs/numerics.md is the law. */
import type {
  AddNode,
  ConvNode,
  EmbeddingNode,
  Graph,
  LinearNode,
  MulNode,
  Node,
  PoolNode,
  RecurrentNode,
  Weight,
} from '../graph/graph.js';
import { shapesOf, type Shape } from '../graph/shapes.js';
import type { ImageContent } from '../image/content.js';
import { stepsOf } from '../image/time.js';
import { minScalesForBias, toDense, type QuantizedDense } from './dense.js';
import { ImageBuilder } from './image-builder.js';
import { toMultiplier, ZERO_MULTIPLIER } from './multiplier.js';
import { productFactor, sumFactors } from './pairs.js';
import { quantize, quantizeRows, type QuantizedRows } from './rows.js';
import { CELL_SCALE, GATE_SCALE, HIDDEN_SCALE, WIDE_SCALE, type Scales } from './scales.js';
import { convFields, inOnePiece, poolFields } from './windows.js';

/** One op a node, in the same order. */
export function lowerGraph(
  graph: Graph,
  scales: Scales,
): Pick<ImageContent, 'tensors' | 'ops' | 'stateBytes' | 'scratchBytes'> {
  return new Lowering(graph, scales).run();
}

class Lowering {
  private readonly builder = new ImageBuilder();
  private readonly shapes: ReadonlyMap<string, Shape>;
  /** Tensors of the values, by name. */
  private readonly tensors = new Map<string, number>();
  /** Tied tables: quantized once, for the output layer. */
  private readonly tables = new Map<Weight, { rows: QuantizedRows; tensor: number }>();

  constructor(
    private readonly graph: Graph,
    private readonly scales: Scales,
  ) {
    this.shapes = shapesOf(graph.nodes);
  }

  run() {
    for (const node of this.graph.nodes) {
      const output = this.activation(node);
      this.tensors.set(node.output, output);
      this.lower(node, output);
    }
    return this.builder.finish();
  }

  private lower(node: Node, output: number): void {
    switch (node.op) {
      case 'embedding':
        return this.embedding(node, output);
      case 'lstm':
      case 'gru':
      case 'rnn':
        return this.recurrent(node, output);
      case 'conv':
        return this.conv(node, output);
      case 'linear':
        return this.linear(node, output);
      case 'pool':
        return this.pool(node, output);
      case 'add':
        return this.sum(node, output);
      case 'mul':
        return this.product(node, output);
      case 'last_step':
        return this.builder.op({ op: 'last_step', input: this.tensor(node.input), output, direction: node.direction });
      case 'concat':
        return this.builder.op({ op: 'concat', inputs: node.inputs.map((name) => this.tensor(name)), output });
      case 'softmax':
        return this.builder.op({ op: 'softmax', input: this.tensor(node.input), output });
    }
  }

  private embedding(node: EmbeddingNode, output: number): void {
    const [vocabSize, features] = node.table.shape as [number, number];
    const scale = this.scale(node.output);
    const linear = this.graph.nodes.find((n): n is LinearNode => n.op === 'linear' && n.weight === node.table);
    if (linear) {
      const { rows, tensor } = this.tiedTable(linear);
      // A scale too large for a multiplier is one that a huge bias raised: its row holds only zeros.
      const factors = Array.from(rows.scales, (rowScale) => toMultiplier(rowScale / scale) ?? ZERO_MULTIPLIER);
      const multiplier = this.builder.constant(
        Int32Array.from(factors, (f) => f.multiplier),
        [vocabSize],
      );
      const shift = this.builder.constant(
        Uint8Array.from(factors, (f) => f.shift),
        [vocabSize],
      );
      this.builder.op({ op: 'embedding', output, table: tensor, multiplier, shift });
    } else {
      const table = this.builder.constant(quantize(node.table.data, scale), [vocabSize, features], scale);
      this.builder.op({ op: 'embedding', output, table });
    }
  }

  private tiedTable(linear: LinearNode): { rows: QuantizedRows; tensor: number } {
    const rows = this.rows(linear.weight, linear.input, linear.bias);
    const table = { rows, tensor: this.builder.constant(rows.values, linear.weight.shape) };
    this.tables.set(linear.weight, table);
    return table;
  }

  private recurrent(node: RecurrentNode, output: number): void {
    const { input, inputWeight, recurrentWeight, bias, direction } = node;
    const hiddenSize = recurrentWeight.shape[1]!;
    const inputRows = this.rows(inputWeight, input, bias);
    const inputDense = toDense(inputWeight.name, inputRows, bias.data, this.scale(input), GATE_SCALE);
    const secondBias = node.op === 'gru' ? node.recurrentBias : undefined;
    const recurrentRows = this.rows(recurrentWeight, node.output, secondBias);
    const recurrentDense = toDense(recurrentWeight.name, recurrentRows, secondBias?.data, HIDDEN_SCALE, GATE_SCALE);
    const state = (dtype: 'i8' | 'i32', scale: number) =>
      this.builder.buffer({ kind: 'state', dtype, dims: [hiddenSize], scale });
    const common = {
      input: this.tensor(input),
      output,
      inputWeights: this.builder.dense(inputDense),
      recurrentWeights: this.builder.dense(recurrentDense),
      hidden: state('i8', HIDDEN_SCALE),
      direction,
    };
    if (node.op === 'lstm') this.builder.op({ op: 'lstm', ...common, cell: state('i32', CELL_SCALE) });
    else if (node.op === 'gru')
      this.builder.op({ op: 'gru', ...common, wide: state('i32', WIDE_SCALE), reset: node.reset });
    else this.builder.op({ op: 'rnn', ...common });
  }

  private conv(node: ConvNode, output: number): void {
    const weights = this.builder.dense(this.dense(node));
    const [, ...window] = node.weight.shape;
    const columns = window.reduce((product, n) => product * n, 1);
    const gathers = !inOnePiece(node, this.shapes.get(node.input)!.features);
    this.builder.op({
      ...convFields(node),
      input: this.tensor(node.input),
      output,
      window: gathers ? this.builder.buffer({ kind: 'activation', dtype: 'i8', dims: [columns] }) : undefined,
      weights,
    });
  }

  private pool(node: PoolNode, output: number): void {
    const fields = poolFields(node, this.scale(node.input), this.scale(node.output));
    this.builder.op({ ...fields, input: this.tensor(node.input), output });
  }

  private sum(node: AddNode, output: number): void {
    const { activation } = node;
    const { multipliers, shift } = sumFactors(node.output, this.both(node), node.subtract, this.rowScale(node));
    this.builder.op({ op: 'add', inputs: this.operands(node), output, multipliers, shift, activation });
  }

  private product(node: MulNode, output: number): void {
    const { activation } = node;
    const factor = productFactor(node.output, this.both(node), this.rowScale(node));
    this.builder.op({ op: 'mul', inputs: this.operands(node), output, ...factor, activation });
  }

  private linear(node: LinearNode, output: number): void {
    const table = this.tables.get(node.weight);
    const weights = table
      ? this.builder.denseWithWeight(table.tensor, this.dense(node, table.rows))
      : this.builder.dense(this.dense(node));
    this.builder.op({ op: 'linear', input: this.tensor(node.input), output, weights, activation: node.activation });
  }

  private dense(node: LinearNode | ConvNode, rows?: QuantizedRows): QuantizedDense {
    const { weight, bias, input } = node;
    rows ??= this.rows(weight, input, bias);
    return toDense(weight.name, rows, bias.data, this.scale(input), this.rowScale(node));
  }

  private rows(weight: Weight, input: string, bias?: Weight): QuantizedRows {
    const rows = weight.shape[0]!;
    const minScales = bias ? minScalesForBias(bias.data, this.scale(input)) : new Float64Array(rows);
    return quantizeRows(weight.data, minScales);
  }

  /** A new int8 activation; int16 for logits, which a language model does not even store. */
  private activation(node: Node): number {
    const { time, features } = this.shapes.get(node.output)!;
    const steps = time && stepsOf(time, this.graph.maxTokens || 1);
    const logits = node === this.graph.nodes.findLast(({ op }) => op === 'linear');
    return this.builder.buffer(
      {
        kind: 'activation',
        dtype: node.op === 'softmax' ? 'u16' : logits ? 'i16' : 'i8',
        dims: steps === undefined ? [features] : [steps, features],
        time,
        scale: this.scale(node.output),
      },
      !(logits && this.graph.kind === 'language_model'),
    );
  }

  private tensor(value: string): number {
    return this.tensors.get(value)!;
  }

  private scale(value: string): number {
    return this.scales.of.get(value)!;
  }

  /** Of what is activated: tables take Q3.12. */
  private rowScale({ output, activation }: LinearNode | ConvNode | AddNode | MulNode): number {
    return activation === 'tanh' || activation === 'sigmoid' ? GATE_SCALE : this.scale(output);
  }

  private operands({ inputs }: AddNode | MulNode): readonly [number, number] {
    return [this.tensor(inputs[0]), this.tensor(inputs[1])];
  }

  private both({ inputs }: AddNode | MulNode): readonly [number, number] {
    return [this.scale(inputs[0]), this.scale(inputs[1])];
  }
}
