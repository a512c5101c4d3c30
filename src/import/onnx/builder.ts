/** The float graph as it grows. */
import { LinnetError } from '../../errors.js';
import { inputsOf, type Node, type PoolNode, type Weight } from '../../graph/graph.js';
import { composeTime, positionsOf, stepsOf, type AxisWindows, type TimeForm } from '../../image/time.js';
import { LIMITS } from '../../schema/image.js';
import type { OnnxNode } from './node.js';
import { nodeOf } from './sources.js';
import { TimeAxis } from './time-axis.js';
import { count, type Activation, type Axis, type Source } from './values.js';

/** Weights of a layer that does nothing but move features. */
const MOST_SELECTED = 1 << 20;

/** The axes, layout and time of a layer's output. */
type LaidOut = readonly [axes: readonly Axis[], layout: Axis, time: TimeForm | undefined];

export class GraphBuilder {
  readonly timeAxis = new TimeAxis();
  private readonly nodes = new Map<string, Node>();
  /** Names of the nodes that sources became. */
  private readonly made = new Map<Source, string>();
  /** Pools and the layers that they alone read. */
  private readonly poolInputs = new Map<string, string>();

  /** @param path the file's name, for messages */
  constructor(private readonly path: string) {}

  /** Adds a layer; the name is made unique. */
  add(node: Node, features: number): Source {
    if (this.nodes.size >= LIMITS.max_ops)
      throw this.refuse(node, `more than ${LIMITS.max_ops} layers`, `this version supports ${LIMITS.max_ops}`);
    if (features > LIMITS.max_dim)
      throw this.refuse(node, `${features} features a step`, `this version supports ${LIMITS.max_dim}`);
    let name = node.output;
    for (let n = 1; this.nodes.has(name); n++) name = `${node.output}.${n}`;
    this.nodes.set(name, { ...node, output: name });
    return { op: 'node', name, features };
  }

  private refuse({ output, op }: Pick<Node, 'output' | 'op'>, what: string, remedy: string): LinnetError {
    return new LinnetError('unsupported_model', what, `${this.path}, node "${output}" (${op})`, remedy);
  }

  /** As `add`; the layer's output is laid out along `axes`. Where texts have one length, one step is as good as none. */
  layer(node: Node, ...[axes, layout, time]: LaidOut): Activation {
    const source = this.add(node, count(layout));
    const fixed = this.timeAxis.fixedTokens;
    const common = { kind: 'activation', axes, layout, shared: false } as const;
    if (!time || fixed === undefined || stepsOf(time, fixed) !== 1) return { ...common, source, time };
    return { ...common, source: { ...source, op: 'single', source }, time: undefined };
  }

  /** As `layer`. @param input what the pool reads, perhaps in another order */
  pool(node: PoolNode, input: Activation, ...[axes, layout, time]: LaidOut): Activation {
    const output = this.layer(node, axes, layout, time);
    const maker = this.maker(input);
    if (maker?.output === node.input) this.poolInputs.set(this.maker(output)!.output, maker.output);
    return output;
  }

  /** The value that a layer reads. */
  read({ source }: Activation): string {
    return this.readSource(source);
  }

  readSource(source: Source): string {
    if (source.op === 'node') return source.name;
    let name = this.made.get(source);
    if (name === undefined) {
      const { features } = source;
      if (source.op === 'select' && features * source.source.features > MOST_SELECTED)
        throw this.refuse(
          { output: source.name, op: 'linear' },
          `it puts ${features} of ${source.source.features} features in another order`,
          'keep channels last before linear layers, or use fewer features',
        );
      const node = nodeOf(source, (inner) => this.readSource(inner));
      name = this.add(node, source.features).name;
      this.made.set(source, name);
    }
    return name;
  }

  node(name: string): Node {
    return this.nodes.get(name)!;
  }

  /** The layer that makes this and nothing but this, so that it may be changed. */
  maker({ source, shared }: Activation): Node | undefined {
    const made = source.op === 'single' ? source.source : source;
    return made.op === 'node' && !shared ? this.nodes.get(made.name) : undefined;
  }

  /** The layer that a pool alone reads, so that it may be changed. */
  pooled(pool: string): Node | undefined {
    const input = this.poolInputs.get(pool);
    return input === undefined ? undefined : this.nodes.get(input);
  }

  /** Fuses what follows a layer into it. */
  change(changed: Node): void {
    this.nodes.set(changed.output, changed);
  }

  /** The embedding's own Weight if `weight` repeats it: a tied output layer. */
  tie(weight: Weight): Weight {
    for (const node of this.nodes.values()) if (node.op === 'embedding' && same(node.table, weight)) return node.table;
    return weight;
  }

  isTied(weight: Weight): boolean {
    return [...this.nodes.values()].some((node) => node.op === 'embedding' && node.table === weight);
  }

  hasEmbedding(): boolean {
    return [...this.nodes.values()].some(({ op }) => op === 'embedding');
  }

  /** Time after windows along it. */
  timeAfter(node: OnnxNode, time: TimeForm | undefined, windows: AxisWindows): TimeForm | undefined {
    if (!time) {
      if (positionsOf(1, windows) !== 1)
        throw node.unsupported('it makes several steps of one', 'put it before the layer that reduces time');
      return undefined;
    }
    const after = composeTime(time, windows);
    if (!after)
      throw node.unsupported(
        'it is a transposed convolution over time after a stride over time',
        'put transposed convolutions before strides, or use stride 1 along time',
      );
    const { factor, divisor, offset } = after;
    if (factor > 0xffff || divisor > 0xffff || Math.abs(offset) > 2 ** 24)
      throw node.unsupported('strides over time multiply up to more than 65535', 'use smaller strides');
    return after;
  }

  /** In execution order: by distance from the embedding, as importers of checkpoints list layers. */
  finish(): Node[] {
    const depths = new Map<string, number>();
    for (const node of this.nodes.values())
      depths.set(node.output, 1 + Math.max(0, ...inputsOf(node).map((input) => depths.get(input)!)));
    return [...this.nodes.values()].sort((a, b) => depths.get(a.output)! - depths.get(b.output)!);
  }
}

function same(a: Weight, b: Weight): boolean {
  return (
    a.shape.length === b.shape.length &&
    a.shape.every((n, i) => n === b.shape[i]) &&
    Buffer.compare(bytes(a), bytes(b)) === 0
  );
}

function bytes({ data }: Weight): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
