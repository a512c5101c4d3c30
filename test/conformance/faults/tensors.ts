/** docs/format.md, "What a reader checks", 4. */
import { fault, u32, u8, type Fault } from './fault';

const tensorFault = (image: string, name: string, edits: Fault['edits']): Fault =>
  fault('bad_tensor', image, name, edits);
export const TENSORS: Fault[] = [
  tensorFault('cnn', 'dtype 0', (at) => [u8(at.tensor(1, 'dtype'), 0)]),
  tensorFault('cnn', 'dtype 6', (at) => [u8(at.tensor(1, 'dtype'), 6)]),
  tensorFault('cnn', 'tensor kind 0', (at) => [u8(at.tensor(1, 'kind'), 0)]),
  tensorFault('cnn', 'tensor kind 4', (at) => [u8(at.tensor(1, 'kind'), 4)]),
  tensorFault('cnn', 'rank 0', (at) => [u8(at.tensor(1, 'rank'), 0)]),
  tensorFault('cnn', 'rank 5', (at) => [u8(at.tensor(1, 'rank'), 5)]),
  tensorFault('cnn', 'time 2', (at) => [u8(at.tensor(0, 'time'), 2)]),
  tensorFault('cnn', 'a dimension of 0', (at) => [u32(at.tensor(1, 'dims') + 4, 0)]),
  tensorFault('cnn', 'a dimension past the limit', (at) => [u32(at.tensor(1, 'dims'), 2 ** 20 + 1)]),
  tensorFault('cnn', 'an unused dimension that is not 1', (at) => [u32(at.tensor(1, 'dims') + 12, 2)]),
  tensorFault('cnn', 'a product that wraps at 64 bits', (at) => [
    u8(at.tensor(1, 'rank'), 4),
    ...[0, 4, 8, 12].map((axis) => u32(at.tensor(1, 'dims') + axis, 2 ** 20)),
  ]),
  tensorFault('cnn', 'a tensor off its boundary', (at) => [u32(at.tensor(0, 'offset'), 8)]),
  tensorFault('cnn', 'a constant with time', (at) => [u8(at.tensor(1, 'time'), 1)]),
  tensorFault('lm-tied', 'a state with time', (at) => [u8(at.tensor(at.op('lstm').hidden, 'time'), 1)]),
  tensorFault('cnn', 'time in a tensor of rank 1', (at) => [u8(at.tensor(at.op('concat').output, 'time'), 1)]),
  tensorFault('lm-tied', 'two steps in a language model', (at) => [u32(at.tensor(0, 'dims'), 2)]),
  tensorFault('cnn', 'more steps than max_tokens', (at) => [u32(at.tensor(0, 'dims'), 41)]),
  tensorFault('cnn', 'no step left for the shortest input', (at) => [
    u32(at.tensor(at.op('conv1d').output, 'dims'), 35),
  ]),
  tensorFault('cnn', 'a constant in the header', (at) => [u32(at.tensor(1, 'offset'), 64)]),
  tensorFault('cnn', 'a constant in a section', (at) => [u32(at.tensor(1, 'offset'), at.image.header.ops.offset)]),
  tensorFault('cnn', 'a constant outside', (at) => [
    u32(at.tensor(at.image.tensors.findLast((t) => t.kind === 'constant')!.id, 'offset'), at.image.bytes.length),
  ]),
  tensorFault('cnn', 'two constants in one place', (at) => {
    const [first, second] = at.image.tensors.filter((t) => t.kind === 'constant');
    return [u32(at.tensor(second!.id, 'offset'), first!.offset)];
  }),
  tensorFault('cnn', 'an activation outside scratch memory', (at) => [
    u32(at.tensor(0, 'offset'), at.image.header.scratch_bytes),
  ]),
  tensorFault('lm-tied', 'logits with a place', (at) => [u32(at.tensor(at.op('linear').output, 'offset'), 16)]),
  tensorFault('lm-tied', 'a state outside', (at) => [
    u32(at.tensor(at.op('lstm', 1).cell, 'offset'), at.image.header.state_bytes),
  ]),
  tensorFault('lm-tied', 'two states in one place', (at) => [u32(at.tensor(at.op('lstm').cell, 'offset'), 0)]),
];
