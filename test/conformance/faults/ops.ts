/** docs/format.md, "What a reader checks", 5 to 7. */
import {
  Activation,
  AddOp,
  ConcatOp,
  ConvOp,
  EmbeddingOp,
  GruOp,
  LastStepOp,
  LinearOp,
  LstmOp,
  NONE,
  PoolOp,
  RnnOp,
} from '../../../src/schema/image';
import type { StatusName } from '../../../src/schema/status';
import { fault, oneStepLess, otherForm, u16, u32, u32s, u8, type Fault, type Places } from './fault';

const opFault = (status: StatusName, image: string, name: string, edits: Fault['edits']): Fault =>
  fault(status, image, name, edits);
const lstm = (at: Places, field: keyof typeof LstmOp.offsets, n = 0): number =>
  at.op('lstm', n).at + LstmOp.offsets[field];
const gru = (at: Places, field: keyof typeof GruOp.offsets, n = 0): number => at.op('gru', n).at + GruOp.offsets[field];
const rnn = (at: Places, field: keyof typeof RnnOp.offsets): number => at.op('rnn').at + RnnOp.offsets[field];
const pool = (at: Places, field: keyof typeof PoolOp.offsets): number => at.op('pool').at + PoolOp.offsets[field];
const last = (at: Places, field: keyof typeof LastStepOp.offsets): number =>
  at.op('last_step').at + LastStepOp.offsets[field];
const linear = (at: Places, field: keyof typeof LinearOp.offsets): number =>
  at.op('linear').at + LinearOp.offsets[field];
const conv = (at: Places, field: keyof typeof ConvOp.offsets, n = 0): number =>
  at.op('conv', n).at + ConvOp.offsets[field];
export const OPS: Fault[] = [
  opFault('bad_op', 'cnn', 'an unknown op', (at) => [u16(at.op('conv').at, 99)]),
  opFault('bad_op', 'cnn', 'a record of the wrong size', (at) => [u16(at.op('conv').at + 2, 24)]),
  opFault('bad_op', 'cnn', 'an op too few', (at) => [u16(at.header('op_count'), at.image.ops.length - 1)]),
  opFault('bad_op', 'cnn', 'an op too many', (at) => [u16(at.header('op_count'), at.image.ops.length + 1)]),
  opFault('bad_op', 'cnn', 'a record cut short', (at) => [u32(at.header('ops') + 4, at.image.header.ops.size - 4)]),
  opFault('bad_op', 'cnn', 'a reserved field that is not 0', (at) => [u8(conv(at, 'reserved'), 1)]),
  opFault('bad_op', 'lm-tied', 'another reserved field that is not 0', (at) => [u16(linear(at, 'reserved2'), 1)]),
  opFault('bad_op', 'cnn', 'an unknown activation', (at) => [u8(conv(at, 'activation'), 4)]),
  opFault('bad_op', 'cnn', 'nothing to join', (at) => [u16(at.op('concat').at + ConcatOp.offsets.count, 0)]),
  opFault('bad_op', 'cnn', 'nothing to join, and nothing named', (at) => [
    u8(at.op('concat').at + ConcatOp.offsets.count, 0, 0, ...new Array<number>(16).fill(0xff)),
  ]),
  opFault('bad_op', 'cnn', 'nine tensors to join', (at) => [u16(at.op('concat').at + ConcatOp.offsets.count, 9)]),
  opFault('bad_op', 'cnn', 'an input past the count', (at) => [u16(at.op('concat').at + ConcatOp.offsets.count, 2)]),
  opFault('bad_op', 'bidirectional', 'a GRU with a reserved field', (at) => [u8(gru(at, 'reserved') + 1, 1)]),
  opFault('bad_op', 'bidirectional', 'an LSTM with a second reserved field', (at) => [u8(lstm(at, 'reserved2'), 1)]),
  ...(
    [
      ['lstm', LstmOp],
      ['rnn', RnnOp],
      ['last_step', LastStepOp],
    ] as const
  ).flatMap(([name, struct]) => [
    opFault('bad_op', 'bidirectional', `an unknown direction (${name})`, (at) => [
      u8(at.op(name).at + struct.offsets.direction, 2),
    ]),
    opFault('bad_op', 'bidirectional', `a reserved field that is not 0 (${name})`, (at) => [
      u8(at.op(name).at + struct.offsets.reserved, 1),
    ]),
  ]),
  opFault('bad_op', 'bidirectional', 'an unknown direction (gru)', (at) => [u8(gru(at, 'direction'), 2)]),
  opFault('bad_op', 'bidirectional', 'an unknown reset', (at) => [u8(gru(at, 'reset'), 2)]),
  opFault('bad_op', 'lm-gru', 'a GRU language model against time', (at) => [u8(gru(at, 'direction'), 1)]),
  opFault('bad_op', 'lm-tied', 'an LSTM language model against time', (at) => [u8(lstm(at, 'direction'), 1)]),

  opFault('bad_operand', 'bidirectional', 'a GRU without bias', (at) => [u16(gru(at, 'input_weights') + 2, NONE)]),
  opFault('bad_operand', 'lm-gru', 'a wide state of int8', (at) => [u16(gru(at, 'wide'), at.op('gru').hidden)]),
  opFault('bad_operand', 'lm-gru', 'an int32 hidden state', (at) => [u16(gru(at, 'hidden'), at.op('gru').wide)]),
  opFault('bad_operand', 'bidirectional', 'an RNN with two biases', (at) => [
    u16(rnn(at, 'recurrent_weights') + 2, at.op('rnn').input_weights.bias),
  ]),
  opFault('bad_operand', 'bidirectional', 'a last step of what is one step', (at) => [
    u16(last(at, 'input'), at.op('last_step', 1).output),
  ]),
  opFault('bad_operand', 'bidirectional', 'a mean over time that keeps time', (at) => [
    u16(pool(at, 'output'), at.op('gru').output),
  ]),
  opFault('bad_operand', 'bidirectional', 'one step joined to a sequence', (at) => [
    u16(at.op('concat').at + ConcatOp.offsets.inputs, at.op('last_step').output),
  ]),
  opFault('bad_operand', 'bidirectional', 'sequences joined to one step', (at) => [
    u16(at.op('concat').at + ConcatOp.offsets.output, at.op('last_step').output),
  ]),
  opFault('bad_operand', 'bidirectional', 'an activation of one step as state', (at) => [
    u16(rnn(at, 'hidden'), at.op('last_step').output),
  ]),
  opFault('bad_operand', 'bidirectional', 'a state as output', (at) => [u16(last(at, 'output'), at.op('gru').hidden)]),
  opFault('bad_operand', 'cnn', 'a sequence without time', (at) => [
    u8(at.tensor(at.op('conv').output, 'time'), 0),
    ...u32s(at.tensor(at.op('conv').output, 'time_factor'), 0, 0),
  ]),
  opFault('bad_operand', 'cnn', 'a matrix of rank 3', (at) => [
    u8(at.tensor(at.op('linear').weights.weight, 'rank'), 3),
  ]),
  opFault('bad_operand', 'cnn', 'a shift as bias', (at) => [u16(conv(at, 'weights') + 2, at.op('conv').weights.shift)]),
  opFault('bad_operand', 'cnn', 'a shift as multiplier', (at) => [
    u16(conv(at, 'weights') + 4, at.op('conv').weights.shift),
  ]),
  opFault('bad_operand', 'cnn', 'a tensor that does not exist', (at) => [
    u16(conv(at, 'input'), at.image.tensors.length),
  ]),
  opFault('bad_operand', 'cnn', 'no tensor', (at) => [u16(conv(at, 'weights'), NONE)]),
  opFault('bad_operand', 'cnn', 'a constant as input', (at) => [u16(conv(at, 'input'), 1)]),
  opFault('bad_operand', 'cnn', 'a bias as shift', (at) => [u16(conv(at, 'weights') + 6, at.op('conv').weights.bias)]),
  opFault('bad_operand', 'cnn', 'one step that becomes a sequence', (at) => [
    u16(conv(at, 'input'), at.op('concat').output),
  ]),
  opFault('bad_operand', 'lm-tied', 'a multiplier without shift', (at) => [
    u16(at.op('embedding').at + EmbeddingOp.offsets.shift, NONE),
  ]),
  opFault('bad_operand', 'lm-tied', 'an LSTM without bias', (at) => [u16(lstm(at, 'input_weights') + 2, NONE)]),
  opFault('bad_operand', 'lm-tied', 'an LSTM with two biases', (at) => [
    u16(lstm(at, 'recurrent_weights') + 2, at.op('lstm').input_weights.bias),
  ]),
  opFault('bad_operand', 'lm-tied', 'an activation as state', (at) => [u16(lstm(at, 'hidden'), 0)]),
  opFault('bad_operand', 'lm-tied', 'one weight in two matrices', (at) => [
    u16(lstm(at, 'recurrent_weights'), at.op('lstm').input_weights.weight),
  ]),
  opFault('bad_operand', 'lm-tied', 'one weight in two ops', (at) => [
    u16(lstm(at, 'input_weights', 1), at.op('lstm').input_weights.weight),
  ]),
  opFault('bad_operand', 'cnn', 'logits of a tanh', (at) => [u8(linear(at, 'activation'), Activation.tanh)]),
  opFault('bad_operand', 'lm-tied', 'logits of a sigmoid', (at) => [u8(linear(at, 'activation'), Activation.sigmoid)]),
  opFault('bad_operand', 'cnn', 'int16 where int8 is needed', (at) => [
    u16(linear(at, 'input'), at.op('linear').output),
  ]),
  opFault('bad_operand', 'sequence', 'logits from probabilities', (at) => [
    u16(at.op('softmax').at + 4, at.op('softmax').output),
  ]),

  opFault('bad_shape', 'cnn', 'a width the weights do not have', (at) => [u16(conv(at, 'kernel'), 3)]),
  opFault('bad_shape', 'cnn', 'weights of another layer', (at) => [
    u16(conv(at, 'weights'), at.op('conv', 1).weights.weight),
  ]),
  opFault('bad_shape', 'cnn', 'the bias of another layer', (at) => [
    u16(conv(at, 'weights') + 2, at.op('linear').weights.bias),
  ]),
  opFault('bad_shape', 'cnn', 'a linear layer of fewer columns', (at) => [
    u32(at.tensor(at.op('linear').weights.weight, 'dims') + 4, 26),
  ]),
  opFault('bad_shape', 'cnn', 'a linear layer of fewer rows', (at) => [
    u32(at.tensor(at.op('linear').weights.weight, 'dims'), 2),
  ]),
  opFault('bad_shape', 'cnn', 'a table of another vocabulary', (at) => [
    u32(at.tensor(at.op('embedding').table, 'dims'), at.image.header.vocab_size - 1),
  ]),
  opFault('bad_shape', 'lm-tied', 'a multiplier of another vocabulary', (at) => [
    u16(at.op('embedding').at + EmbeddingOp.offsets.multiplier, at.op('lstm').input_weights.multiplier),
  ]),
  opFault('bad_shape', 'lm-tied', 'a shift of another vocabulary', (at) => [
    u16(at.op('embedding').at + EmbeddingOp.offsets.shift, at.op('lstm').input_weights.shift),
  ]),
  opFault('bad_shape', 'cnn', 'an embedding of fewer steps', (at) => oneStepLess(at, 0)),
  opFault('bad_shape', 'cnn', 'an embedding of another time form', (at) => otherForm(at, 0)),
  opFault('bad_shape', 'sequence', 'a linear layer of another time form', (at) =>
    otherForm(at, at.op('linear').output),
  ),
  ...(['lstm', 'gru', 'rnn', 'concat'] as const).map((name) =>
    opFault('bad_shape', 'bidirectional', `another time form (${name})`, (at) => otherForm(at, at.op(name).output)),
  ),
  opFault('bad_shape', 'cnn', 'a concat of fewer channels', (at) => [
    u32(at.tensor(at.op('concat').output, 'dims'), 26),
  ]),
  opFault('bad_shape', 'cnn', 'a pool of fewer channels', (at) => [u32(at.tensor(at.op('pool').output, 'dims'), 8)]),
  opFault('bad_shape', 'cnn', 'fewer probabilities than logits', (at) => [
    u32(at.tensor(at.op('softmax').output, 'dims'), 2),
  ]),
  opFault('bad_shape', 'lm-tied', 'a cell of another size', (at) => [u32(at.tensor(at.op('lstm').cell, 'dims'), 23)]),
  opFault('bad_shape', 'sequence', 'a linear layer that loses a step', (at) => oneStepLess(at, at.op('linear').output)),
  opFault('bad_shape', 'lm-gru', 'a wide state of another size', (at) => [
    u32(at.tensor(at.op('gru').wide, 'dims'), 44),
  ]),
  opFault('bad_shape', 'bidirectional', 'a hidden state of another size', (at) => [
    u32(at.tensor(at.op('rnn').hidden, 'dims'), 4),
  ]),
  opFault('bad_shape', 'bidirectional', 'a matrix of another number of gates', (at) => [
    u32(at.tensor(at.op('gru').input_weights.weight, 'dims'), 18),
  ]),
  opFault('bad_shape', 'bidirectional', 'the second bias of another layer', (at) => [
    u16(gru(at, 'recurrent_weights') + 2, at.op('gru', 2).recurrent_weights.bias),
  ]),
  opFault('bad_shape', 'bidirectional', 'a layer that loses a step', (at) => oneStepLess(at, at.op('rnn').output)),
  opFault('bad_shape', 'bidirectional', 'a concat over time of fewer channels', (at) => [
    u32(at.tensor(at.op('concat').output, 'dims') + 4, 52),
  ]),
  opFault('bad_shape', 'bidirectional', 'a concat over time of fewer steps', (at) =>
    oneStepLess(at, at.op('concat').output),
  ),
  opFault('bad_shape', 'bidirectional', 'a mean of fewer channels', (at) => [
    u32(at.tensor(at.op('pool').output, 'dims'), 40),
  ]),
  opFault('bad_shape', 'bidirectional', 'a last step of fewer channels', (at) => [
    u32(at.tensor(at.op('last_step').output, 'dims'), 17),
  ]),

  opFault('bad_multiplier', 'cnn', 'a multiplier below 2^30', (at) => [
    u32(at.constant(at.op('conv').weights.multiplier), 2 ** 30 - 1),
  ]),
  opFault('bad_multiplier', 'cnn', 'a negative multiplier', (at) => [
    u32(at.constant(at.op('conv').weights.multiplier), 0x80000000),
  ]),
  opFault('bad_multiplier', 'cnn', 'shift 16', (at) => [u8(at.constant(at.op('linear').weights.shift, 1), 16)]),
  opFault('bad_multiplier', 'cnn', 'shift 63', (at) => [u8(at.constant(at.op('linear').weights.shift, 2), 63)]),
  opFault('bad_multiplier', 'lm-tied', 'shift 0 in the embedding', (at) => [
    u8(at.constant(at.op('embedding').shift, 5), 0),
  ]),
  ...(['input_weights', 'recurrent_weights'] as const).flatMap((matrix) => [
    opFault('bad_multiplier', 'lm-tied', `a multiplier of 1 in ${matrix}`, (at) => [
      u32(at.constant(at.op('lstm', 1)[matrix].multiplier, 4 * 95), 1),
    ]),
    opFault('bad_operand', 'lm-tied', `a weight of -128 in ${matrix}`, (at) => [
      u8(at.constant(at.op('lstm', 1)[matrix].weight, 96 * 24 - 1), 0x80),
    ]),
  ]),
  opFault('bad_operand', 'cnn', 'a weight of -128', (at) => [u8(at.constant(at.op('linear').weights.weight, 3), 0x80)]),
  opFault('bad_operand', 'cnn', 'an embedding of -128', (at) => [u8(at.constant(at.op('embedding').table, 20), 0x80)]),
  opFault('accumulator_overflow', 'cnn', 'a bias of 2^31 - 1', (at) => [
    u32(at.constant(at.op('conv').weights.bias, 4), 0x7fffffff),
  ]),
  opFault('accumulator_overflow', 'cnn', 'a bias of -2^31', (at) => [
    u32(at.constant(at.op('conv').weights.bias, 4), 0x80000000),
  ]),
];

export const ORDER: Fault[] = [
  opFault('bad_order', 'lm-tied', 'an input that comes later', (at) => [
    u16(lstm(at, 'input'), at.op('lstm', 1).output),
  ]),
  opFault('bad_order', 'lm-tied', 'an output that is its own input', (at) => [
    u16(lstm(at, 'output', 1), at.op('lstm').output),
  ]),
  opFault('bad_order', 'lm-tied', 'a state of two layers', (at) => [u16(lstm(at, 'hidden', 1), at.op('lstm').hidden)]),
  opFault('bad_order', 'bidirectional', 'a wide state of two layers', (at) => [
    u16(gru(at, 'wide', 1), at.op('gru').wide),
  ]),
  opFault('bad_order', 'lm-tied', 'an output written over its input', (at) => [
    u32(at.tensor(at.op('lstm', 1).output, 'offset'), at.image.tensors[at.op('lstm').output]!.offset),
  ]),
  opFault('bad_order', 'cnn', 'an output written over what a later op reads', (at) => [
    u32(at.tensor(at.op('pool', 1).output, 'offset'), at.image.tensors[at.op('pool').output]!.offset),
  ]),
  opFault('bad_order', 'lm-gated', 'an output that was written before, though nobody reads it', (at) => [
    u16(at.op('add').at + AddOp.offsets.output, at.op('conv').output),
    u16(pool(at, 'input'), at.op('mul').output),
  ]),
  opFault('bad_result', 'lm-untied', 'logits of a part of the vocabulary', (at) => {
    const { weights, output } = at.op('linear', 1);
    const rows = at.image.header.vocab_size - 1;
    return [
      u32(at.tensor(output, 'dims') + 4, rows),
      ...[weights.weight, weights.multiplier, weights.shift].map((id) => u32(at.tensor(id, 'dims'), rows)),
    ];
  }),
  opFault('bad_result', 'cnn', 'no softmax', (at) => [
    u16(at.header('op_count'), at.image.ops.length - 1),
    u32(at.header('ops') + 4, at.image.header.ops.size - 8),
  ]),
  opFault('bad_result', 'sequence', 'more labels than probabilities', (at) => [u16(at.header('label_count'), 3)]),
  opFault('bad_result', 'lm-tied', 'logits of int8', (at) => {
    const { output } = at.op('linear');
    return [
      u8(at.tensor(output, 'dtype'), 1),
      u32(at.tensor(output, 'offset'), 1024),
      u32(at.header('scratch_bytes'), 2048),
    ];
  }),
  opFault('bad_result', 'lm-tied', 'an LSTM at the end', (at) => [
    u16(at.header('op_count'), at.image.ops.length - 1),
    u32(at.header('ops') + 4, at.image.header.ops.size - LinearOp.size),
  ]),
];
