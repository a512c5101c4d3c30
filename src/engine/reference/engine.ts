/** The readable oracle: docs/numerics.md, executed. One session over one image. */
import { LinnetError } from '../../errors.js';
import type { Op } from '../../image/ops.js';
import type { Image } from '../../image/read.js';
import { STATUS } from '../../schema/status.js';
import { Memory, type Elements } from './memory.js';
import { concat } from './ops/concat.js';
import { conv } from './ops/conv.js';
import { add, mul } from './ops/elementwise.js';
import { embedding } from './ops/embedding.js';
import { gru } from './ops/gru.js';
import type { Kernel } from './ops/kernel.js';
import { lastStep } from './ops/last-step.js';
import { linear } from './ops/linear.js';
import { lstm } from './ops/lstm.js';
import { pool } from './ops/pool.js';
import { rnn } from './ops/rnn.js';
import { softmax } from './ops/softmax.js';

/** Sees what every op wrote: its index and type, the output's elements (a copy) and their shape now. */
export type Observer = (op: {
  index: number;
  type: Op['op'];
  output: number;
  dims: readonly number[];
  values: Elements;
}) => void;

export class ReferenceEngine {
  /** Called after every op, if set. */
  observer: Observer | undefined;
  private readonly memory: Memory;
  private readonly kernels: readonly Kernel[];

  constructor(readonly image: Image) {
    this.memory = new Memory(image);
    this.kernels = image.ops.map((op) => prepare(image, op));
  }

  /** Forgets all that was fed. */
  reset(): void {
    this.memory.reset();
  }

  /** Language model: feeds one token. */
  feed(token: number): void {
    this.need('language_model');
    this.checkToken(token);
    this.run([token]);
  }

  /** Language model, after feed(): logits of the next token, int16 [vocab_size] with header.logit_frac fraction bits. */
  logits(): Int16Array {
    this.need('language_model');
    return this.memory.i16(this.image.ops.at(-1)!.output).slice();
  }

  /**
   * Classifier: labels one sentence, padded if shorter than min_tokens.
   * @returns scores Q0.15 [labels]; logits with header.logit_frac fraction bits
   * @throws LinnetError input_empty, input_too_long, bad_token
   */
  classify(ids: ArrayLike<number>): { scores: Uint16Array; logits: Int16Array } {
    this.need('classifier');
    const { min_tokens, max_tokens } = this.image.header;
    if (ids.length === 0) throw this.error('input_empty');
    if (ids.length > max_tokens) throw this.error('input_too_long', `${ids.length} tokens, at most ${max_tokens}`);
    const tokens = Array.from(ids);
    for (const id of tokens) this.checkToken(id);
    while (tokens.length < min_tokens) tokens.push(this.image.padId!);
    this.reset();
    this.run(tokens);
    const softmaxOp = this.image.ops.at(-1)! as Extract<Op, { op: 'softmax' }>;
    return { scores: this.memory.u16(softmaxOp.output).slice(), logits: this.memory.i16(softmaxOp.input).slice() };
  }

  private run(ids: readonly number[]): void {
    const { memory, observer } = this;
    memory.tokens = ids.length;
    for (const [index, op] of this.image.ops.entries()) {
      this.kernels[index]!(memory, ids);
      if (observer) {
        const { dims, time } = this.image.tensors[op.output]!;
        observer({
          index,
          type: op.op,
          output: op.output,
          dims: time ? [memory.time(op.output), ...dims.slice(1)] : dims,
          values: memory.copy(op.output),
        });
      }
    }
  }

  private need(kind: Image['kind']): void {
    if (this.image.kind !== kind) throw this.error('wrong_kind');
  }

  private checkToken(id: number): void {
    if (!(Number.isInteger(id) && id >= 0 && id < this.image.header.vocab_size))
      throw this.error('bad_token', `token ${id}`);
  }

  private error(
    code: 'wrong_kind' | 'bad_token' | 'input_empty' | 'input_too_long',
    where = this.image.name,
  ): LinnetError {
    return LinnetError.fromStatus(STATUS[code].code, where);
  }
}

function prepare(image: Image, op: Op): Kernel {
  switch (op.op) {
    case 'embedding':
      return embedding(image, op);
    case 'lstm':
      return lstm(image, op);
    case 'gru':
      return gru(image, op);
    case 'rnn':
      return rnn(image, op);
    case 'conv':
      return conv(image, op);
    case 'pool':
      return pool(image, op);
    case 'add':
      return add(image, op);
    case 'mul':
      return mul(image, op);
    case 'last_step':
      return lastStep(image, op);
    case 'concat':
      return concat(image, op);
    case 'linear':
      return linear(image, op);
    case 'softmax':
      return softmax(image, op);
  }
}
