/** docs/format.md, "What a reader checks", 4. */
import { fault, u16, u32, u32s, u8, type Edit, type Fault, type Places } from './fault';

const tensorFault = (image: string, name: string, edits: Fault['edits']): Fault =>
  fault('bad_tensor', image, name, edits);

/** Makes the first dimension time, one step a token. */
const timed = (at: Places, id: number, steps: number): Edit[] => [
  u8(at.tensor(id, 'time'), 1),
  u32(at.tensor(id, 'dims'), steps),
  u16(at.tensor(id, 'time_factor'), 1),
  u16(at.tensor(id, 'time_divisor'), 1),
];

const roomy = (at: Places): Edit[] => [u32(at.header('scratch_bytes'), 2 ** 22)];

export const TENSORS: Fault[] = [
  tensorFault('cnn', 'dtype 0', (at) => [u8(at.tensor(1, 'dtype'), 0)]),
  tensorFault('cnn', 'dtype 6', (at) => [u8(at.tensor(1, 'dtype'), 6)]),
  tensorFault('cnn', 'tensor kind 0', (at) => [u8(at.tensor(1, 'kind'), 0)]),
  tensorFault('cnn', 'tensor kind 4', (at) => [u8(at.tensor(1, 'kind'), 4)]),
  tensorFault('cnn', 'rank 0', (at) => [u8(at.tensor(1, 'rank'), 0)]),
  tensorFault('cnn', 'rank 0 of one element', (at) => [
    u8(at.tensor(1, 'rank'), 0),
    ...u32s(at.tensor(1, 'dims'), 1, 1),
  ]),
  tensorFault('cnn', 'rank 5', (at) => [u8(at.tensor(1, 'rank'), 5)]),
  tensorFault('cnn', 'time 2', (at) => [u8(at.tensor(0, 'time'), 2)]),
  tensorFault('cnn', 'time 2 without a form', (at) => [
    u8(at.tensor(0, 'time'), 2),
    ...u32s(at.tensor(0, 'time_factor'), 0, 0),
  ]),
  tensorFault('cnn', 'a dimension of 0', (at) => [u32(at.tensor(1, 'dims') + 4, 0)]),
  tensorFault('cnn', 'a dimension past the limit', (at) => [u32(at.tensor(1, 'dims'), 2 ** 20 + 1)]),
  tensorFault('cnn', 'an activation with a dimension past the limit', (at) => [
    u32(at.tensor(at.op('concat').output, 'dims'), 2 ** 20 + 1),
    ...roomy(at),
  ]),
  tensorFault('cnn', 'an activation with an unused dimension that is not 1', (at) => [
    u32(at.tensor(at.op('concat').output, 'dims') + 4, 2),
    ...roomy(at),
  ]),
  tensorFault('cnn', 'an unused dimension that is not 1', (at) => [u32(at.tensor(1, 'dims') + 12, 2)]),
  tensorFault('cnn', 'a product that wraps at 64 bits', (at) => [
    u8(at.tensor(1, 'rank'), 4),
    ...[0, 4, 8, 12].map((axis) => u32(at.tensor(1, 'dims') + axis, 2 ** 20)),
  ]),
  tensorFault('cnn', 'a tensor off its boundary', (at) => [u32(at.tensor(0, 'offset'), 8)]),
  tensorFault('cnn', 'a constant with time', (at) => timed(at, 1, 40)),
  tensorFault('lm-tied', 'a state with time', (at) => [
    ...timed(at, at.op('lstm').hidden, 1),
    u8(at.tensor(at.op('lstm').hidden, 'rank'), 2),
    u32(at.tensor(at.op('lstm').hidden, 'dims') + 4, 24),
  ]),
  tensorFault('cnn', 'time in a tensor of rank 1', (at) => timed(at, at.op('concat').output, 40)),
  tensorFault('cnn', 'time in a tensor of rank 3', (at) => [u8(at.tensor(0, 'rank'), 3)]),
  ...(['time_factor', 'time_divisor', 'time_offset'] as const).map((field) =>
    tensorFault('cnn', `${field} without time`, (at) => [u8(at.tensor(at.op('concat').output, field), 1)]),
  ),
  ...(['time_factor', 'time_divisor'] as const).map((field) =>
    tensorFault('cnn', `time with ${field} 0`, (at) => [u16(at.tensor(0, field), 0)]),
  ),
  tensorFault('cnn', 'as many steps for every input', (at) => [
    u16(at.tensor(0, 'time_factor'), 0),
    u32(at.tensor(0, 'time_offset'), 40),
  ]),
  // Each would have the steps that dims[0] says.
  ...[
    ['past', 2 ** 24 + 1],
    ['far past', 2 ** 31 - 65535],
  ].map(([name, offset]) =>
    tensorFault('cnn', `a time_offset ${name} the limit`, (at) => [
      u16(at.tensor(0, 'time_divisor'), 65535),
      u32(at.tensor(0, 'dims'), Math.floor((40 + Number(offset)) / 65535)),
      u32(at.tensor(0, 'time_offset'), Number(offset)),
      ...roomy(at),
    ]),
  ),
  tensorFault('cnn', 'a time_offset of -2^31', (at) => [u32(at.tensor(0, 'time_offset'), 0x80000000)]),
  tensorFault('cnn', 'a time_offset below the limit', (at) => [u32(at.tensor(0, 'time_offset'), -(2 ** 24) - 1)]),
  tensorFault('lm-tied', 'two steps in a language model', (at) => [u32(at.tensor(0, 'dims'), 2)]),
  tensorFault('lm-tied', 'another time form in a language model', (at) => [
    u16(at.tensor(0, 'time_factor'), 2),
    u16(at.tensor(0, 'time_divisor'), 2),
  ]),
  tensorFault('lm-tied', 'a time_offset in a language model', (at) => [u32(at.tensor(0, 'time_offset'), 1)]),
  tensorFault('cnn', 'more steps than those of max_tokens', (at) => [u32(at.tensor(0, 'dims'), 41)]),
  tensorFault('cnn', 'fewer steps than those of max_tokens', (at) => [u32(at.tensor(0, 'dims'), 39)]),
  tensorFault('cnn', 'no step left for the shortest input', (at) => [
    u32(at.tensor(at.op('conv').output, 'dims'), 35),
    u32(at.tensor(at.op('conv').output, 'time_offset'), -5),
  ]),
  tensorFault('cnn-deep', 'no step left for the shortest input after a stride', (at) => {
    const { output } = at.op('conv', 4); // ⌊6n / 6⌋; now ⌊(6n - 13) / 6⌋, of 3 tokens 0
    return [u32(at.tensor(output, 'dims'), 23), u32(at.tensor(output, 'time_offset'), -13)];
  }),
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
