/** The float graph as it grows, and what is known of its time axis. */
import type { Node, Weight } from '../../graph/graph.js';
import { inputsOf } from '../../graph/graph.js';
import { describe, type OnnxNode } from './node.js';
import { isFeatures, type Activation, type Atom, type Axis } from './values.js';

export class GraphBuilder {
  private readonly nodes = new Map<string, Node>();
  private readonly revisions = new Map<string, number>();
  private readonly readers = new Map<string, number>();
  private readonly roles = new Map<Atom, 'time' | 'batch'>();
  /** Steps that the widest window needs. */
  minSteps = 1;

  /** Adds a layer; the name is made unique. Its output is laid out along `axes`. */
  add(node: Node, output: Omit<Activation, 'kind' | 'value' | 'revision'>): Activation {
    let name = node.output;
    for (let n = 1; this.nodes.has(name); n++) name = `${node.output}.${n}`;
    this.nodes.set(name, { ...node, output: name });
    this.revisions.set(name, 0);
    for (const input of inputsOf(node)) this.readers.set(input, (this.readers.get(input) ?? 0) + 1);
    this.minSteps = Math.max(this.minSteps, output.shrink + 1);
    return { kind: 'activation', value: name, revision: 0, ...output };
  }

  /** The layer that makes a value. */
  maker({ value }: Activation): Node {
    return this.nodes.get(value)!;
  }

  /** What `node` may read of an activation: nothing is pending on it, and it is the value as it now is. */
  read(node: OnnxNode, activation: Activation): string {
    if (activation.affine)
      throw node.unsupported(
        'a batch norm before it cannot be folded',
        'put batch norm directly before or after a convolution or a linear layer',
      );
    return this.readScaled(node, activation);
  }

  /** As `read`, for layers that take a pending batch norm into their weights. */
  readScaled(node: OnnxNode, activation: Activation): string {
    if (activation.revision !== this.revisions.get(activation.value)) throw this.readTwice(node, activation);
    return activation.value;
  }

  /** May the layer that made this be changed? Not if its output as it is was read already. */
  changeable({ value, revision }: Activation): boolean {
    return !this.readers.get(value) && revision === this.revisions.get(value);
  }

  /** Fuses `node` into the layer that makes `activation`. */
  change(node: OnnxNode, activation: Activation, changed: Node): Activation {
    if (!this.changeable(activation)) throw this.readTwice(node, activation);
    const revision = activation.revision + 1;
    this.nodes.set(activation.value, changed);
    this.revisions.set(activation.value, revision);
    return { ...activation, revision };
  }

  /** Fuses into the layer before the one that makes `activation`, whose only reader that is. */
  changeInput(node: OnnxNode, activation: Activation, input: string, changed: Node): Activation {
    if (!this.changeable(activation) || this.readers.get(input) !== 1) throw this.readTwice(node, activation);
    this.nodes.set(input, changed);
    return activation;
  }

  node(name: string): Node {
    return this.nodes.get(name)!;
  }

  private readTwice(node: OnnxNode, activation: Activation) {
    return node.unsupported(
      `${describe(activation)} is read here and, in another form, elsewhere`,
      'this version takes chains of layers that branch into convolutions only',
    );
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

  /** An axis is what a layer takes it for, and no other layer takes it for something else. */
  claim(node: OnnxNode, axis: Axis | undefined, role: 'time' | 'batch'): void {
    if (axis?.length === 0) return; // size 1
    const [atom] = axis ?? [];
    if (axis?.length !== 1 || atom!.of !== 'tokens')
      throw node.unsupported(
        `its ${role} axis is ${isFeatures(axis) ? 'that of the features' : 'made of several dimensions'}`,
        'inputs are [time, batch, features] for recurrent layers, [batch, features, time] for convolutions',
      );
    const known = this.roles.get(atom!) ?? role;
    const taken = [...this.roles].some(([other, its]) => other !== atom && its === role);
    if (known !== role || taken)
      throw node.unsupported(
        `what it takes for ${role} is ${known === role ? 'a second one' : known} to a layer before it`,
        'check batch_first and the transpositions of the model',
      );
    this.roles.set(atom!, role);
  }

  /** Steps the model was exported for; undefined if dynamic, or if no layer looks at time. */
  fixedSteps(): number | undefined {
    return [...this.roles].find(([, role]) => role === 'time')?.[0].size;
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
