/** docs/format.md, "What a reader checks", 6 and 7: who reads what when, and what comes out in the end. */
import { ModelKind } from '../schema/image.js';
import type { Fail } from './fault.js';
import { inputsOf, statesOf, windowOf, type Op } from './ops.js';
import { overlap, type HeaderValues } from './validate-header.js';
import { isStreamedLogits, type TensorInfo } from './validate-tensors.js';

export function validateOrder(
  header: HeaderValues,
  tensors: readonly TensorInfo[],
  ops: readonly Op[],
  fail: Fail,
): void {
  const lastRead = new Map<number, number>();
  ops.forEach((op, index) => inputsOf(op).forEach((id) => lastRead.set(id, index)));
  const written = new Set<number>();
  const kept = new Set<number>();
  for (const [index, op] of ops.entries()) {
    const refuse = (why: string): never => fail('bad_order', op.at, `op ${index} (${op.op}) ${why}`);
    for (const id of inputsOf(op)) if (!written.has(id)) refuse(`reads tensor ${id} before it is written`);
    for (const id of statesOf(op)) {
      if (kept.has(id)) refuse(`shares state tensor ${id} with another op`);
      kept.add(id);
    }
    if (written.has(op.output)) refuse(`writes tensor ${op.output} a second time`);
    const output = tensors[op.output]!;
    const window = windowOf(op);
    const places = [output, ...(window === undefined ? [] : [tensors[window]!])];
    if (places[1] && overlap(output.offset, output.bytes, places[1].offset, places[1].bytes))
      refuse('has its window in the place of its output');
    if (!isStreamedLogits(output, header))
      for (const id of written) {
        const other = tensors[id]!;
        if (
          (lastRead.get(id) ?? -1) >= index &&
          places.some((t) => overlap(t.offset, t.bytes, other.offset, other.bytes))
        )
          refuse(`overwrites tensor ${id}, which is still needed`);
      }
    written.add(op.output);
  }
}

export function validateResult(
  header: HeaderValues,
  tensors: readonly TensorInfo[],
  ops: readonly Op[],
  fail: Fail,
): void {
  const classifier = header.kind === ModelKind.classifier;
  const last = ops.length - 1;
  const wide = (op: Op): boolean => op.op === 'linear' && tensors[op.output]!.dtype === 'i16';
  const refuse = (index: number, why: string): never =>
    fail('bad_result', ops[index]!.at, `op ${index} (${ops[index]!.op}) ${why}`);
  for (const [index, op] of ops.entries()) {
    if ((op.op === 'embedding') !== (index === 0))
      refuse(index, index === 0 ? 'is first but no embedding' : 'is a second embedding');
    if (op.op === 'softmax' && !(classifier && index === last)) refuse(index, 'is not the last op of a classifier');
    if (wide(op) && index !== (classifier ? last - 1 : last)) refuse(index, 'makes logits, but not for the end');
  }
  const end = ops[last]!;
  if (!classifier) {
    const output = tensors[end.output]!;
    if (!wide(end) || !output.time || output.dims[1] !== header.vocab_size)
      refuse(last, 'does not end in logits of the vocabulary');
    return;
  }
  if (end.op !== 'softmax' || tensors[end.output]!.dims[0] !== header.label_count)
    return refuse(last, 'does not end in probabilities of the labels');
  if (ops[last - 1]?.op !== 'linear' || ops[last - 1]!.output !== end.input) refuse(last, 'does not follow its logits');
}
