/** docs/format.md, "What a reader checks", 5 and 6: sums and products. */
import { AddOp, MulOp, NONE } from '../../../src/schema/image';
import { element, fault, u16, u32, u8, type Fault, type Places } from './fault';

const add = (at: Places, field: keyof typeof AddOp.offsets, n = 0): number => at.op('add', n).at + AddOp.offsets[field];
const mul = (at: Places, field: keyof typeof MulOp.offsets, n = 0): number => at.op('mul', n).at + MulOp.offsets[field];
const IMAGE = 'cnn-plane';

/** Of one step: the last add. */
const STEP = 2;

export const ELEMENTWISE: Fault[] = [
  ...(['reserved', 'reserved2', 'reserved3'] as const).flatMap((field) => [
    fault('bad_op', IMAGE, `a sum with ${field}`, (at) => [u8(add(at, field), 1)]),
    fault('bad_op', IMAGE, `a product with ${field}`, (at) => [u8(mul(at, field), 1)]),
  ]),
  ...[16, 63].flatMap((shift) => [
    fault('bad_op', IMAGE, `a sum of shift ${shift}`, (at) => [u8(add(at, 'shift'), shift)]),
    fault('bad_op', IMAGE, `a product of shift ${shift}`, (at) => [u8(mul(at, 'shift'), shift)]),
  ]),
  fault('bad_op', IMAGE, 'a sum of an unknown activation', (at) => [u8(add(at, 'activation'), 4)]),
  fault('bad_op', IMAGE, 'a product of an unknown activation', (at) => [u8(mul(at, 'activation'), 4)]),
  fault('bad_op', IMAGE, 'a first multiplier of -2^31', (at) => [u32(add(at, 'multipliers'), 0x80000000)]),
  fault('bad_op', IMAGE, 'a second multiplier of -2^31', (at) => [u32(add(at, 'multipliers') + 4, 0x80000000)]),
  fault('bad_op', IMAGE, 'a product with a multiplier below 2^30', (at) => [u32(mul(at, 'multiplier'), 2 ** 30 - 1)]),
  fault('bad_op', IMAGE, 'a product with a multiplier of 2^31', (at) => [u32(mul(at, 'multiplier'), 2 ** 31)]),

  fault('bad_operand', IMAGE, 'a sum of one tensor', (at) => [element(add(at, 'inputs'), 1, NONE)]),
  fault('bad_operand', IMAGE, 'a sum of no tensor', (at) => [element(add(at, 'inputs'), 0, at.image.tensors.length)]),
  fault('bad_operand', IMAGE, 'a constant as factor', (at) => [
    element(mul(at, 'inputs'), 0, at.op('embedding').table),
  ]),
  fault('bad_operand', IMAGE, 'one step added to a sequence', (at) => [
    element(add(at, 'inputs'), 1, at.op('concat').output),
  ]),
  fault('bad_operand', IMAGE, 'a sequence added to one step', (at) => [
    element(add(at, 'inputs', STEP), 1, at.op('add').output),
  ]),
  fault('bad_operand', IMAGE, 'a sum of sequences that is one step', (at) => [
    u16(add(at, 'output'), at.op('add', STEP).output),
  ]),
  fault('bad_operand', IMAGE, 'a sum of steps that is a sequence', (at) => [
    u16(add(at, 'output', STEP), at.op('add').output),
  ]),
  fault('bad_operand', IMAGE, 'a product of int16', (at) => [u16(mul(at, 'output', STEP), at.op('linear').output)]),

  fault('bad_shape', IMAGE, 'a first input of other features', (at) => [
    element(add(at, 'inputs', STEP), 0, at.op('conv', 5).output),
  ]),
  fault('bad_shape', IMAGE, 'a second input of other features', (at) => [
    element(add(at, 'inputs', STEP), 1, at.op('conv', 5).output),
  ]),
  fault('bad_shape', IMAGE, 'a product of fewer features', (at) => [
    u32(at.tensor(at.op('mul', STEP).output, 'dims'), 25),
  ]),
  // ⌊(n + 2) / 2⌋ for ⌊(n + 1) / 2⌋: as many at most, and another form.
  ...(['inputs', 'output'] as const).map((field) =>
    fault('bad_shape', 'cnn-plane', `a sum with ${field} of another time form`, (at) => [
      u32(at.tensor(field === 'inputs' ? at.op('add').inputs[1]! : at.op('add').output, 'time_offset'), 2),
    ]),
  ),

  fault('bad_order', IMAGE, 'a sum of what comes later', (at) => [
    element(add(at, 'inputs', STEP), 1, at.op('add', STEP).output),
  ]),
  fault('bad_order', IMAGE, 'a sum in the place of an input', (at) => [
    u32(at.tensor(at.op('add').output, 'offset'), at.image.tensors[at.op('add').inputs[1]!]!.offset),
  ]),
  fault('ok', IMAGE, 'a sum of one tensor and itself', (at) => [
    element(add(at, 'inputs'), 1, at.op('add').inputs[0]!),
  ]),
  fault('ok', IMAGE, 'multipliers at their ends', (at) => [
    u32(add(at, 'multipliers'), 0x80000001),
    u32(add(at, 'multipliers') + 4, 0x7fffffff),
    u8(add(at, 'shift'), 17),
    u32(mul(at, 'multiplier'), 0),
    u8(mul(at, 'shift'), 62),
  ]),
];
