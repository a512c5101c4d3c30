/** What a board's kernels need of RAM besides: inputs in the form they read. docs/format.md, "Packed weights". */
import type { LayoutName } from './layout.js';
import { matricesOf, type Op } from './ops.js';
import type { Image } from './read.js';

/** Bytes of an input of so many columns, prepared. */
const PREPARED: Readonly<Record<LayoutName, (columns: number) => number>> = {
  row_major: () => 0,
  packed_pairs: (columns) => Math.ceil(columns / 2) * 4,
  packed_quads: (columns) => (columns + 1) * 4,
};

/** Bytes beside state and scratch, in firmware whose kernels read this layout (native/engine, workspace_bytes). */
export function workspaceBytes({ ops, tensors }: Image, layout: LayoutName): number {
  const prepared = (id: number): number => PREPARED[layout](tensors[id]!.dims[1]!);
  return ops.reduce(
    (most, op) =>
      Math.max(
        most,
        inputsOfStep(op).reduce((sum, id) => sum + prepared(id), 0),
      ),
    0,
  );
}

/** Weights whose inputs are ready at once; two windows of a convolution, and h before and after its reset in a GRU. */
function inputsOfStep(op: Op): number[] {
  const weights = matricesOf(op).map(({ weight }) => weight);
  if (op.op === 'conv') return [...weights, ...weights];
  return op.op === 'gru' ? [...weights, weights[1]!] : weights;
}
