/** Collects the tensors and ops of an image, then finds the buffers their places. */
import type { BufferSpec, ConstantData, DenseSpec, OpSpec, TensorSpec } from '../image/content.js';
import type { QuantizedDense } from './dense.js';
import { align, planBuffers, type Lifetime } from './plan.js';

const BYTES = { i8: 1, i16: 2, u16: 2, i32: 4 } as const;

type Buffer = Omit<BufferSpec, 'offset'>;

export class ImageBuilder {
  private readonly tensors: (TensorSpec | Buffer)[] = [];
  private readonly ops: OpSpec[] = [];
  /** Buffers that are named in the image but never stored. */
  private readonly unstored = new Set<number>();

  constant(data: ConstantData, dims: readonly number[], scale?: number): number {
    return this.tensors.push({ kind: 'constant', dims, data, scale }) - 1;
  }

  /** @param stored false: the engine streams it, it takes no memory */
  buffer(spec: Buffer, stored = true): number {
    const id = this.tensors.push(spec) - 1;
    if (!stored) this.unstored.add(id);
    return id;
  }

  dense({ weight, bias, multiplier, shift }: QuantizedDense): DenseSpec {
    const rows = multiplier.length;
    return this.denseWithWeight(this.constant(weight, [rows, weight.length / rows]), { bias, multiplier, shift });
  }

  /** A matrix whose weight is a tensor already. */
  denseWithWeight(weight: number, { bias, multiplier, shift }: Omit<QuantizedDense, 'weight'>): DenseSpec {
    return {
      weight,
      bias: bias && this.constant(bias, [bias.length]),
      multiplier: this.constant(multiplier, [multiplier.length]),
      shift: this.constant(shift, [shift.length]),
    };
  }

  op(spec: OpSpec): void {
    this.ops.push(spec);
  }

  finish(): { tensors: TensorSpec[]; ops: OpSpec[]; stateBytes: number; scratchBytes: number } {
    const ids = (kind: Buffer['kind']) =>
      this.tensors.flatMap((tensor, id) => (tensor.kind === kind && !this.unstored.has(id) ? [id] : []));
    const [states, activations] = [ids('state'), ids('activation')];
    // States live for ever: one after another, in the order of their ids, as the format wants it.
    let stateBytes = 0;
    const offsets = new Map<number, number>();
    for (const id of states) {
      offsets.set(id, stateBytes);
      stateBytes += align(this.bytesOf(id));
    }
    const scratch = planBuffers(activations.map((id) => this.lifetime(id)));
    activations.forEach((id, i) => offsets.set(id, scratch.offsets[i]!));
    const tensors = this.tensors.map((tensor, id): TensorSpec => {
      return tensor.kind === 'constant' ? tensor : { ...tensor, offset: offsets.get(id) ?? 0 };
    });
    return { tensors, ops: this.ops, stateBytes, scratchBytes: scratch.extent };
  }

  private bytesOf(id: number): number {
    const buffer = this.tensors[id] as Buffer;
    return buffer.dims.reduce((product, n) => product * n, BYTES[buffer.dtype]);
  }

  private lifetime(id: number): Lifetime {
    const uses = this.ops.flatMap((op, at) => (buffersOf(op).includes(id) ? [at] : []));
    return { bytes: this.bytesOf(id), first: uses[0]!, last: uses.at(-1)! };
  }
}

/** Activations an op reads, writes or works in. */
function buffersOf(op: OpSpec): readonly number[] {
  if (op.op === 'embedding') return [op.output];
  const inputs = 'inputs' in op ? op.inputs : [op.input];
  return op.op === 'conv' && op.window !== undefined ? [...inputs, op.window, op.output] : [...inputs, op.output];
}
