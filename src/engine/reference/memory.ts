/** Scratch and state of one session, and what tensors are in it now. */
import type { Image } from '../../image/read.js';
import { stepsOf } from '../../image/time.js';

export type Elements = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array;

export class Memory {
  private readonly state: ArrayBuffer;
  private readonly scratch: ArrayBuffer;
  /** The logits of a language model, which devices stream and never store. */
  private readonly logits: Int16Array;
  private readonly views = new Map<number, Elements>();
  /** Tokens of this run. */
  tokens = 1;

  constructor(private readonly image: Image) {
    this.state = new ArrayBuffer(image.header.state_bytes);
    this.scratch = new ArrayBuffer(image.header.scratch_bytes);
    this.logits = new Int16Array(image.kind === 'language_model' ? image.header.vocab_size : 0);
  }

  reset(): void {
    new Uint8Array(this.state).fill(0);
  }

  /** Steps an activation has now. */
  time(id: number): number {
    const { time } = this.image.tensors[id]!;
    return time ? stepsOf(time, this.tokens) : 1;
  }

  /** Elements of one step. */
  features(id: number): number {
    return this.image.tensors[id]!.dims.at(-1)!;
  }

  i8(id: number): Int8Array {
    return this.view(id) as Int8Array;
  }

  i16(id: number): Int16Array {
    return this.view(id) as Int16Array;
  }

  i32(id: number): Int32Array {
    return this.view(id) as Int32Array;
  }

  u16(id: number): Uint16Array {
    return this.view(id) as Uint16Array;
  }

  /** A copy of what an activation holds now: time(id) · features(id) elements. */
  copy(id: number): Elements {
    return this.view(id).slice(0, this.time(id) * this.features(id));
  }

  private view(id: number): Elements {
    let view = this.views.get(id);
    if (view === undefined) {
      view = this.place(id);
      this.views.set(id, view);
    }
    return view;
  }

  private place(id: number): Elements {
    const { kind, dtype, offset, dims } = this.image.tensors[id]!;
    if (this.image.kind === 'language_model' && dtype === 'i16') return this.logits;
    const buffer = kind === 'state' ? this.state : this.scratch;
    const length = dims.reduce((product, size) => product * size, 1);
    const Elements = { i8: Int8Array, i16: Int16Array, i32: Int32Array, u8: Uint8Array, u16: Uint16Array }[dtype];
    return new Elements(buffer, offset, length);
  }
}
