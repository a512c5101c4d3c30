/** Which dimensions a reshaped axis is made of. */
import type { OnnxNode } from './node.js';
import { sizeOf, type Activation, type Atom, type Axis, type Dim, type Tokens } from './values.js';

const REMEDY = 'keep time, batch and features axes of their own: Linnet runs texts of any length';

/**
 * @param dims the target: sizes, −1 for the rest, 0 for the input's own (if keepZero), or axes of a known value
 * @throws LinnetError if an axis would be split, or made of features and steps together
 */
export function reshapeAxes(
  node: OnnxNode,
  value: Activation | Tokens,
  dims: readonly Dim[] | undefined,
  keepZero: boolean,
): readonly Axis[] {
  if (!dims) throw node.unsupported('the shape it makes is computed', REMEDY);
  const shrink = value.kind === 'activation' ? value.shrink : 0;
  const atoms = value.axes.flat();
  const target = dims.map((dim, i) => (dim === 0 && keepZero ? (value.axes[i] ?? []) : dim));
  const rest = target.indexOf(-1);
  const left = rest < 0 ? target : target.slice(0, rest);
  const right = rest < 0 ? [] : target.slice(rest + 1).reverse();
  const axes = left.map((dim) => take(node, atoms, dim, shrink));
  atoms.reverse();
  const ending = right.map((dim) => [...take(node, atoms, dim, shrink)].reverse()).reverse();
  atoms.reverse();
  if (rest >= 0) axes.push(atoms, ...ending);
  else if (atoms.some(({ size }) => size !== 1)) throw mixed(node);
  for (const axis of axes) if (axis.length > 1 && axis.some(({ of }) => of === 'features')) throw mixed(node);
  return axes;
}

/** Takes from the front of `atoms` those that `dim` is the product of. */
function take(node: OnnxNode, atoms: Atom[], dim: Dim, shrink: number): Axis {
  if (typeof dim !== 'number') {
    const taken = atoms.splice(0, dim.length);
    if (taken.some((atom, i) => atom !== dim[i])) throw mixed(node);
    return taken;
  }
  const taken: Atom[] = [];
  let size = 1;
  if (dim === 1 && atoms[0]?.size === 1) taken.push(atoms.shift()!);
  while (size !== dim) {
    const atom = atoms.shift();
    const its = atom && sizeOf([atom], shrink);
    if (its === undefined || dim % (size * its) !== 0) throw mixed(node, dim);
    taken.push(atom!);
    size *= its;
  }
  return taken;
}

function mixed(node: OnnxNode, dim?: number) {
  return node.unsupported(
    dim === undefined
      ? 'it joins or splits time and features'
      : `an axis of ${dim} is made where sizes are dynamic, or of parts of features`,
    REMEDY,
  );
}
