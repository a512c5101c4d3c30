/** Float graph and scales → the ops and tensors of an image. docs/numerics.md is the law. */
import type { Conv1dNode, EmbeddingNode, Graph, LinearNode, Node, RecurrentNode, Weight } from '../graph/graph.js';
import type { ImageContent } from '../image/content.js';
import { minScalesForBias, toDense, type QuantizedDense } from './dense.js';
import { ImageBuilder } from './image-builder.js';
import { toMultiplier, ZERO_MULTIPLIER } from './multiplier.js';
import { quantize, quantizeRows, type QuantizedRows } from './rows.js';
import { CELL_SCALE, GATE_SCALE, HIDDEN_SCALE, PROBABILITY_SCALE, WIDE_SCALE, type Scales } from './scales.js';

/** Where a value lives in the image, and its shape. */
interface Value {
  readonly tensor: number;
  /** Most time steps, or undefined after pooling. */
  readonly steps: number | undefined;
  readonly features: number;
}

/** One op a node, in the same order. */
export function lowerGraph(
  graph: Graph,
  scales: Scales,
): Pick<ImageContent, 'tensors' | 'ops' | 'stateBytes' | 'scratchBytes'> {
  return new Lowering(graph, scales).run();
}

class Lowering {
  private readonly builder = new ImageBuilder();
  private readonly values = new Map<string, Value>();
  /** Tied tables: quantized once, for the output layer. */
  private readonly tables = new Map<Weight, { rows: QuantizedRows; tensor: number }>();

  constructor(
    private readonly graph: Graph,
    private readonly scales: Scales,
  ) {}

  run() {
    for (const node of this.graph.nodes) this.values.set(node.output, this.add(node));
    return this.builder.finish();
  }

  private add(node: Node): Value {
    switch (node.op) {
      case 'embedding':
        return this.embedding(node);
      case 'lstm':
      case 'gru':
      case 'rnn':
        return this.recurrent(node);
      case 'conv1d':
        return this.conv1d(node);
      case 'linear':
        return this.linear(node);
      case 'max_over_time': {
        const input = this.values.get(node.input)!;
        const value = this.activation(node, undefined, input.features);
        this.builder.op({ op: 'max_over_time', input: input.tensor, output: value.tensor });
        return value;
      }
      case 'mean_over_time': {
        const input = this.values.get(node.input)!;
        const value = this.activation(node, undefined, input.features);
        const shift = Math.log2(this.scales.of.get(node.input)! / this.scales.of.get(node.output)!);
        this.builder.op({ op: 'mean_over_time', input: input.tensor, output: value.tensor, shift: Math.round(shift) });
        return value;
      }
      case 'last_step': {
        const { direction } = node;
        const input = this.values.get(node.input)!;
        const value = this.activation(node, undefined, input.features);
        this.builder.op({ op: 'last_step', input: input.tensor, output: value.tensor, direction });
        return value;
      }
      case 'concat': {
        const inputs = node.inputs.map((name) => this.values.get(name)!);
        const value = this.activation(
          node,
          inputs[0]!.steps,
          inputs.reduce((sum, { features }) => sum + features, 0),
        );
        this.builder.op({ op: 'concat', inputs: inputs.map(({ tensor }) => tensor), output: value.tensor });
        return value;
      }
      case 'softmax': {
        const input = this.values.get(node.input)!;
        const { features } = input;
        const tensor = this.builder.buffer({
          kind: 'activation',
          dtype: 'u16',
          dims: [features],
          time: false,
          scale: PROBABILITY_SCALE,
        });
        this.builder.op({ op: 'softmax', input: input.tensor, output: tensor });
        return { tensor, steps: undefined, features };
      }
    }
  }

  private embedding(node: EmbeddingNode): Value {
    const [vocabSize, features] = node.table.shape as [number, number];
    const scale = this.scales.of.get(node.output)!;
    const value = this.activation(node, this.graph.maxTokens || 1, features);
    const output = value.tensor;
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
    return value;
  }

  private tiedTable(linear: LinearNode): { rows: QuantizedRows; tensor: number } {
    const rows = this.rows(linear.weight, linear.input, linear.bias);
    const table = { rows, tensor: this.builder.constant(rows.values, linear.weight.shape) };
    this.tables.set(linear.weight, table);
    return table;
  }

  private recurrent(node: RecurrentNode): Value {
    const { input, inputWeight, recurrentWeight, bias, direction } = node;
    const hiddenSize = recurrentWeight.shape[1]!;
    const from = this.values.get(input)!;
    const value = this.activation(node, from.steps, hiddenSize);
    const inputRows = this.rows(inputWeight, input, bias);
    const inputDense = toDense(inputWeight.name, inputRows, bias.data, this.scales.of.get(input)!, GATE_SCALE);
    const secondBias = node.op === 'gru' ? node.recurrentBias : undefined;
    const recurrentRows = this.rows(recurrentWeight, node.output, secondBias);
    const recurrentDense = toDense(recurrentWeight.name, recurrentRows, secondBias?.data, HIDDEN_SCALE, GATE_SCALE);
    const state = (dtype: 'i8' | 'i32', scale: number) =>
      this.builder.buffer({ kind: 'state', dtype, dims: [hiddenSize], time: false, scale });
    const common = {
      input: from.tensor,
      output: value.tensor,
      inputWeights: this.builder.dense(inputDense),
      recurrentWeights: this.builder.dense(recurrentDense),
      hidden: state('i8', HIDDEN_SCALE),
      direction,
    };
    if (node.op === 'lstm') this.builder.op({ op: 'lstm', ...common, cell: state('i32', CELL_SCALE) });
    else if (node.op === 'gru')
      this.builder.op({ op: 'gru', ...common, wide: state('i32', WIDE_SCALE), reset: node.reset });
    else this.builder.op({ op: 'rnn', ...common });
    return value;
  }

  private conv1d(node: Conv1dNode): Value {
    const [filters, width] = node.weight.shape as [number, number, number];
    const input = this.values.get(node.input)!;
    const value = this.activation(node, input.steps! - width + 1, filters);
    const weights = this.builder.dense(this.dense(node));
    const { activation } = node;
    this.builder.op({ op: 'conv1d', input: input.tensor, output: value.tensor, weights, width, activation });
    return value;
  }

  private linear(node: LinearNode): Value {
    const input = this.values.get(node.input)!;
    const value = this.activation(node, input.steps, node.weight.shape[0]!);
    const table = this.tables.get(node.weight);
    const weights = table
      ? this.builder.denseWithWeight(table.tensor, this.dense(node, table.rows))
      : this.builder.dense(this.dense(node));
    this.builder.op({ op: 'linear', input: input.tensor, output: value.tensor, weights, activation: node.activation });
    return value;
  }

  private dense(node: LinearNode | Conv1dNode, rows?: QuantizedRows): QuantizedDense {
    const { weight, bias, input, output } = node;
    rows ??= this.rows(weight, input, bias);
    return toDense(weight.name, rows, bias.data, this.scales.of.get(input)!, this.scales.of.get(output)!);
  }

  private rows(weight: Weight, input: string, bias?: Weight): QuantizedRows {
    const rows = weight.shape[0]!;
    const minScales = bias ? minScalesForBias(bias.data, this.scales.of.get(input)!) : new Float64Array(rows);
    return quantizeRows(weight.data, minScales);
  }

  /** A new int8 activation; int16 for logits, which a language model does not even store. */
  private activation(node: Node, steps: number | undefined, features: number): Value {
    const logits = node === this.graph.nodes.findLast(({ op }) => op === 'linear');
    const tensor = this.builder.buffer(
      {
        kind: 'activation',
        dtype: logits ? 'i16' : 'i8',
        dims: steps === undefined ? [features] : [steps, features],
        time: steps !== undefined,
        scale: this.scales.of.get(node.output)!,
      },
      !(logits && this.graph.kind === 'language_model'),
    );
    return { tensor, steps, features };
  }
}
