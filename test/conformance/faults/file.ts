/** docs/format.md, "What a reader checks", 1 to 3. */
import { Header, NONE } from '../../../src/schema/image';
import { fault, u16, u32, u32s, u8, type Edit, type Fault } from './fault';

const headerFault = (
  image: string,
  field: keyof typeof Header.offsets,
  value: number,
  width: (o: number, v: number) => Edit,
): Fault => fault('bad_header', image, `${field} ${value} in ${image}`, (at) => [width(at.header(field), value)]);

export const FILE: Fault[] = [
  fault('image_too_small', 'cnn', 'shorter than a header', () => [], { size: () => 80 }),
  fault('image_too_small', 'cnn', 'empty', () => [], { size: () => 0 }),
  fault('bad_magic', 'cnn', 'another magic', () => [u8(0, 0x50)]),
  fault('unsupported_version', 'cnn', 'version 2', (at) => [u16(at.header('version'), 2)]),
  fault('unsupported_layout', 'cnn', 'an unknown layout', (at) => [u16(at.header('layout'), 1)]),
  fault('size_mismatch', 'cnn', 'cut short', () => [], { size: (n) => n - 16 }),
  fault('size_mismatch', 'cnn', 'extra bytes', () => [], { size: (n) => n + 16 }),
  fault(
    'size_mismatch',
    'cnn',
    'a size that is no multiple of 16',
    (at) => [u32(at.header('size'), at.image.bytes.length + 8)],
    {
      size: (n) => n + 8,
    },
  ),
  fault('crc_mismatch', 'cnn', 'a flipped bit', (at) => [u8(at.image.bytes.length - 1, 0x40)], { staleCrc: true }),
];

export const HEADER: Fault[] = [
  headerFault('cnn', 'kind', 0, u8),
  headerFault('cnn', 'kind', 3, u8),
  headerFault('cnn', 'reserved', 1, u8),
  headerFault('cnn', 'op_count', 0, u16),
  headerFault('cnn', 'op_count', 257, u16),
  headerFault('cnn', 'tensor_count', 0, u16),
  headerFault('cnn', 'tensor_count', 1025, u16),
  headerFault('lm-tied', 'label_count', 1, u16),
  headerFault('cnn', 'label_count', 0, u16),
  headerFault('cnn', 'label_count', 257, u16),
  headerFault('cnn', 'vocab_size', 0, u32),
  headerFault('cnn', 'vocab_size', 65535, u32),
  headerFault('lm-tied', 'min_tokens', 2, u16),
  headerFault('cnn', 'min_tokens', 0, u16),
  headerFault('cnn', 'min_tokens', 65, u16),
  headerFault('lm-tied', 'max_tokens', 1, u16),
  headerFault('cnn', 'max_tokens', 4, u16),
  headerFault('cnn', 'max_tokens', 4097, u16),
  headerFault('lm-tied', 'bos_id', 0xfffe, u16),
  headerFault('lm-tied', 'eos_id', 0xfffe, u16),
  headerFault('lm-tied', 'pad_id', 0xfffe, u16),
  headerFault('cnn', 'pad_id', NONE, u16),
  headerFault('cnn', 'logit_frac', 11, u8),
  headerFault('cnn', 'reserved2', 1, u8),
  headerFault('lm-tied', 'state_bytes', 8, u32),
  headerFault('lm-tied', 'state_bytes', 2 ** 28 + 16, u32),
  headerFault('lm-tied', 'scratch_bytes', 8, u32),
  headerFault('lm-tied', 'scratch_bytes', 2 ** 28 + 16, u32),
];

const sectionFault = (name: string, edits: Fault['edits']): Fault => fault('bad_section', 'cnn', name, edits);
export const SECTIONS: Fault[] = [
  sectionFault('a section off its boundary', (at) => [u32(at.header('ops'), at.image.header.ops.offset + 4)]),
  sectionFault('a section in the header', (at) => [u32(at.header('ops'), 80)]),
  sectionFault('a short section in the header', (at) => u32s(at.header('strings'), 80, 8)),
  sectionFault('an empty section', (at) => [u32(at.header('tokenizer') + 4, 0)]),
  sectionFault('an absent section', (at) => [u32(at.header('strings'), 0), u32(at.header('strings') + 4, 0)]),
  sectionFault('a section that ends outside', (at) => [u32(at.header('strings') + 4, at.image.bytes.length)]),
  sectionFault('a section whose end wraps at 32 bits', (at) => [u32(at.header('strings') + 4, 0xfffffff0)]),
  sectionFault('a tensor table of the wrong size', (at) => [
    u32(at.header('tensors') + 4, at.image.header.tensors.size - 4),
  ]),
  sectionFault('two sections in one place', (at) => [u32(at.header('ops'), at.image.header.tensors.offset)]),
  sectionFault('metadata without a size', (at) => [u32(at.header('metadata') + 4, 0)]),
];
