/** Where features lie: as ONNX orders them, axis by axis, and as the float graph does. */
import { strided, stridesOf } from './constants.js';
import { select } from './sources.js';
import { count, type Activation, type Atom, type Axis, type Source } from './values.js';

/** The features of all axes in ONNX's order. */
export function featureAtoms({ axes }: Pick<Activation, 'axes'>): Axis {
  return axes.flat().filter(({ of }) => of === 'features');
}

export function sameOrder(a: Axis, b: Axis): boolean {
  return a.length === b.length && a.every((atom, i) => atom === b[i]);
}

/** For each feature in the order `to`, its place in the order `from`; both hold the same atoms. */
export function reordering(from: Axis, to: Axis): number[] {
  const steps = stridesOf(from.map(({ size }) => size!));
  const strides = to.map((atom) => steps[from.indexOf(atom)]!);
  return enumerate(to, strides);
}

/** Σ index · stride of every element of a layout, in order. */
export function enumerate(layout: Axis, strides: readonly number[]): number[] {
  const dims = layout.map(({ size }) => size!);
  const reach = dims.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 1);
  const iota = Float64Array.from({ length: reach }, (_, i) => i);
  return [...strided(iota, dims, strides)];
}

/** The source with its features in another order. */
export function ordered({ source, layout }: Activation, to: Axis, name: string): Source {
  return sameOrder(layout, to) ? source : select(source, reordering(layout, to), name);
}

/** As `ordered`, the whole activation. */
export function relaid(activation: Activation, to: Axis, name: string): Activation {
  return { ...activation, source: ordered(activation, to, name), layout: to };
}

/** What lies outside and inside the atoms of an axis; undefined if they do not lie together, in order. */
export function around(layout: Axis, axis: Axis): { outer: Axis; inner: Axis } | undefined {
  if (axis.length === 0) return { outer: [], inner: layout };
  const at = layout.indexOf(axis[0]!);
  const together = sameOrder(layout.slice(at, at + axis.length), axis);
  return together ? { outer: layout.slice(0, at), inner: layout.slice(at + axis.length) } : undefined;
}

/** The same with the features in such an order that it is defined. */
export function gathered(activation: Activation, axis: Axis, name: string) {
  const found = around(activation.layout, axis);
  if (found) return { ...found, source: activation.source };
  const atoms = featureAtoms(activation);
  const at = atoms.indexOf(axis[0]!);
  const others = (part: Axis) => part.filter((atom) => !axis.includes(atom));
  const [outer, inner] = [others(atoms.slice(0, at)), others(atoms.slice(at))];
  return { outer, inner, source: ordered(activation, [...outer, ...axis, ...inner], name) };
}

/**
 * The elements of a constant that broadcast over an activation, by feature as the float graph lays them out;
 * undefined if they differ from step to step, or do not fit.
 */
export function byFeature(
  { axes, layout }: Pick<Activation, 'axes' | 'layout'>,
  dims: readonly number[],
  data: ArrayLike<number>,
): Float64Array | undefined {
  if (dims.length > axes.length) return undefined;
  const steps = stridesOf(dims);
  const strides = new Map<Atom, number>();
  const fits = axes.every((axis, i) => {
    const at = i - (axes.length - dims.length);
    const size = at < 0 ? 1 : dims[at]!;
    let stride = size === 1 ? 0 : steps[at]!;
    for (const atom of axis.toReversed()) {
      strides.set(atom, stride);
      stride *= atom.size ?? 1;
    }
    return size === 1 || (isStill(axis) && size === count(axis));
  });
  if (!fits) return undefined;
  const at = enumerate(
    layout,
    layout.map((atom) => strides.get(atom)!),
  );
  return Float64Array.from(at, (index) => data[index]!);
}

function isStill(axis: Axis): boolean {
  return axis.every(({ of }) => of === 'features');
}

/** The fewest numbers that `values` repeats, of the products of a layout's innermost sizes. */
export function period(layout: Axis, ...values: readonly Float64Array[]): number {
  let size = 1;
  const candidates = [1, ...layout.toReversed().map((atom) => (size *= atom.size!))];
  return candidates.find((n) => values.every((list) => list.every((v, i) => v === list[i % n])))!;
}
