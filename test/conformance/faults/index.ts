/** Ways an image can lie, as edits of a good one: at least one for every check of docs/format.md. */
import { openImage } from '../../../src/image/read';
import { fault, Places, u32, u8, type Edit, type Fault } from './fault';
import { FILE, HEADER, SECTIONS } from './file';
import { ELEMENTWISE } from './elementwise';
import { OPS, ORDER } from './ops';
import { TENSORS } from './tensors';
import { STRINGS, TOKENIZER, TOKENIZER_HARMLESS } from './tokenizer';
import { WINDOWS, WINDOWS_HARMLESS } from './windows';

/** Edits that leave the image good. */
const HARMLESS: Fault[] = [
  fault('ok', 'cnn', 'nothing', () => []),
  fault('ok', 'cnn', 'no metadata', (at) => [u32(at.header('metadata'), 0), u32(at.header('metadata') + 4, 0)]),
  fault('ok', 'cnn', 'metadata that is no JSON', (at) => [u8(at.image.header.metadata.offset, 0x58)]),
  fault('ok', 'lm-tied', 'a scale that is no number', (at) => [u32(at.tensor(0, 'scale'), 0x7fc00000)]),
  fault('ok', 'cnn', 'an output in the place of what nobody reads any more', (at) => [
    u32(at.tensor(at.op('softmax').output, 'offset'), at.image.tensors[at.op('embedding').output]!.offset),
  ]),
  fault('ok', 'cnn', 'a multiplier of 0', (at) => [u32(at.constant(at.op('conv').weights.multiplier), 0)]),
  fault('ok', 'cnn', 'a multiplier of 2^30', (at) => [u32(at.constant(at.op('conv').weights.multiplier), 2 ** 30)]),
  fault('ok', 'cnn', 'the least and the largest shift', (at) => [u8(at.constant(at.op('conv').weights.shift), 17, 62)]),
  fault('ok', 'cnn', 'a multiplier of 2^31 - 1', (at) => [
    u32(at.constant(at.op('conv').weights.multiplier), 0x7fffffff),
  ]),
];

export const FAULTS: readonly Fault[] = [
  ...FILE,
  ...HEADER,
  ...SECTIONS,
  ...TENSORS,
  ...OPS,
  ...WINDOWS,
  ...ELEMENTWISE,
  ...ORDER,
  ...TOKENIZER,
  ...STRINGS,
  ...HARMLESS,
  ...WINDOWS_HARMLESS,
  ...TOKENIZER_HARMLESS,
];

/** Edits of a fault, for the image it names. */
export function editsOf(fault: Fault, bytes: Uint8Array): Edit[] {
  return fault.edits(new Places(openImage(bytes, fault.image)));
}
