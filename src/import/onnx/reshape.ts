/** Which dimensions a reshaped axis is made of. */
import type { OnnxNode } from './node.js';
import { sizeOf, type Activation, type Atom, type Axis, type Dim, type Tokens } from './values.js';

const REMEDY = 'keep time, batch and features axes of their own: Linnet runs texts of any length';

/**
 * @param dims the target: sizes, −1 for the rest, 0 for the input's own (if keepZero), or axes of a known value
 * @throws LinnetError if an axis would be split that is not of features, or made of features and steps together where
 *   texts have any length
 */
export function reshaped(
  node: OnnxNode,
  value: Activation | Tokens,
  dims: readonly Dim[] | undefined,
  keepZero: boolean,
): Partial<Pick<Activation, 'axes' | 'layout'>> {
  if (!dims) throw node.unsupported('the shape it makes is computed', REMEDY);
  const target = dims.map((dim, i) => (dim === 0 && keepZero ? (value.axes[i] ?? []) : dim));
  const atoms = new Atoms(node, value.axes.flat(), value.kind === 'activation' ? value.layout : []);
  const rest = target.indexOf(-1);
  const axes = (rest < 0 ? target : target.slice(0, rest)).map((dim) => atoms.take(dim));
  if (rest >= 0) {
    atoms.turn();
    const ending = target.slice(rest + 1).reverse().map((dim) => atoms.take(dim)); // prettier-ignore
    atoms.turn();
    axes.push(atoms.left, ...ending.map((axis) => axis.toReversed()).reverse());
  } else if (atoms.left.length > 0) throw mixed(node);
  const joined = axes.some(
    (axis) => new Set(axis.map(({ of }) => of === 'features')).size > 1 && sizeOf(axis) === undefined,
  );
  if (joined) throw mixed(node);
  return value.kind === 'activation' ? { axes, layout: atoms.layout } : { axes };
}

/** The dimensions that are not yet part of an axis, outermost first, or last after a turn. */
class Atoms {
  private turned = false;

  constructor(
    private readonly node: OnnxNode,
    public left: Axis,
    public layout: Axis,
  ) {}

  turn(): void {
    this.left = this.left.toReversed();
    this.turned = !this.turned;
  }

  /** Those that `dim` is the product of; after a turn the last comes first. */
  take(dim: Dim): Axis {
    if (typeof dim !== 'number') {
      const expected = this.turned ? dim.toReversed() : dim;
      const taken = this.left.slice(0, dim.length);
      if (taken.length !== dim.length || taken.some((atom, i) => atom !== expected[i])) throw mixed(this.node);
      this.left = this.left.slice(dim.length);
      return taken;
    }
    if (!Number.isSafeInteger(dim) || dim < 1) throw this.node.bad(`it makes an axis of ${dim}`);
    const taken: Atom[] = [];
    let size = 1;
    while (size !== dim) {
      const atom = this.fitting(dim / size);
      if (!atom) throw mixed(this.node, dim);
      taken.push(atom);
      size *= atom.size!;
    }
    return taken;
  }

  /** The next atom, or a part of it, whose size divides `rest`. */
  private fitting(rest: number): Atom | undefined {
    const [atom, ...others] = this.left;
    const size = atom?.size;
    if (size === undefined) return undefined;
    if (rest % size === 0) {
      this.left = others;
      return atom;
    }
    if (atom!.of !== 'features' || size % rest !== 0) return undefined;
    const [near, far] = [rest, size / rest].map((n): Atom => ({ of: 'features', size: n })) as [Atom, Atom];
    const parts = this.turned ? [far, near] : [near, far];
    this.layout = this.layout.flatMap((other) => (other === atom ? parts : [other]));
    this.left = [far, ...others];
    return near;
  }
}

function mixed(node: OnnxNode, dim?: number) {
  return node.unsupported(
    dim === undefined
      ? 'it joins or splits time and features'
      : `an axis of ${dim} is made where sizes are dynamic, or of parts of others`,
    REMEDY,
  );
}
