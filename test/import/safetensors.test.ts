/** The safetensors reader: every float type it reads, every way a file may lie. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LinnetError } from '../../src/errors.js';
import { parseSafetensors, toFloat32 } from '../../src/import/safetensors.js';
import { f32, withHeader, writeSafetensors } from './write-safetensors.js';

const FILE = 'model.safetensors';
const GOLDEN = readFileSync(join(__dirname, '../golden/text-cnn', FILE));

function read(file: Uint8Array, name: string): Float32Array {
  return toFloat32(parseSafetensors(file, FILE).get(name)!, FILE);
}

function halves(...bits: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(bits).buffer);
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(LinnetError);
    expect((error as LinnetError).code).toBe('bad_checkpoint');
    return (error as LinnetError).message;
  }
  throw new Error('nothing was refused');
}

describe('a well-formed file', () => {
  test('gives its tensors by name, with shapes, whatever its metadata', () => {
    const file = withHeader(
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
      new Uint8Array(Float32Array.of(1.5, -2, 3).buffer),
    );
    const tensors = parseSafetensors(file, FILE);
    expect([...tensors.keys()]).toEqual(['b', 'a']);
    expect(tensors.get('b')!.shape).toEqual([2]);
    expect([...read(file, 'a')]).toEqual([1.5]);
    expect([...read(file, 'b')]).toEqual([-2, 3]);
  });

  test('may lie at any offset of its buffer', () => {
    const file = writeSafetensors({ a: f32([1], [0.25]) });
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect([...read(shifted.subarray(3), 'a')]).toEqual([0.25]);
  });

  test('F16 is read to the last bit: normal, subnormal, largest, signed zero', () => {
    const bytes = halves(0x3c00, 0xc000, 0x3555, 0x0001, 0x03ff, 0x7bff, 0x8000);
    const values = read(writeSafetensors({ a: { dtype: 'F16', shape: [7], bytes } }), 'a');
    expect([...values]).toEqual([1, -2, 0.333251953125, 2 ** -24, 1023 * 2 ** -24, 65504, -0]);
  });

  test('BF16 is the upper half of a float32', () => {
    const bits = [0x3f80, 0xc000, 0x3eab, 0x0001, 0x7f7f, 0x8000];
    const values = read(writeSafetensors({ a: { dtype: 'BF16', shape: [6], bytes: halves(...bits) } }), 'a');
    expect([...values]).toEqual([...new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer)]);
  });

  test('F64 is rounded to float32', () => {
    const bytes = new Uint8Array(Float64Array.of(0.1, -1e-3).buffer);
    const values = read(writeSafetensors({ a: { dtype: 'F64', shape: [2], bytes } }), 'a');
    expect([...values]).toEqual([Math.fround(0.1), Math.fround(-1e-3)]);
  });
});

describe('a malformed file is refused:', () => {
  const entry = (fields: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } });
  const four = new Uint8Array(4);
  const cases: [what: string, file: Uint8Array, message: RegExp][] = [
    ['empty', new Uint8Array(), /too short/],
    ['header longer than the file', withHeader('{}').subarray(0, 9), /cut short/],
    ['absurd header length', new Uint8Array(16).fill(255), /not a safetensors file/],
    ['header no JSON', withHeader('{"a":'), /not valid JSON/],
    ['header no UTF-8', withHeader('{}').fill(0xff, 8), /not valid JSON/],
    ['header a list', withHeader('[]'), /not a JSON object/],
    ['entry null', withHeader('{"a":null}'), /entry is not an object.*"a"/],
    ['unknown dtype', withHeader(entry({ dtype: 'F7' }), four), /unknown dtype "F7"/],
    ['dtype from the prototype', withHeader(entry({ dtype: 'constructor' }), four), /unknown dtype/],
    ['negative size', withHeader(entry({ shape: [-1] }), four), /shape is not/],
    ['fractional size', withHeader(entry({ shape: [0.5] }), four), /shape is not/],
    ['three offsets', withHeader(entry({ data_offsets: [0, 4, 4] }), four), /data_offsets/],
    ['offsets the wrong way', withHeader(entry({ data_offsets: [4, 0] }), four), /data_offsets/],
    ['size and shape differ', withHeader(entry({ shape: [2] }), four), /needs 8 bytes, data_offsets give 4/],
    ['overflowing shape', withHeader(entry({ shape: [2 ** 52, 2 ** 52, 0] }), four), /data_offsets give 4/],
    ['cut short', withHeader(entry({}), four.subarray(1)), /file holds only 3.*"a"/],
    ['extra bytes at the end', withHeader(entry({}), four, four), /4 bytes at the end belong to no tensor/],
    ['a hole', withHeader(entry({ data_offsets: [4, 8] }), four, four), /4 bytes before the data/],
    [
      'overlap',
      withHeader(
        '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}',
        new Uint8Array(6),
      ),
      /overlaps.*"b"/,
    ],
  ];
  test.each(cases)('%s', (_what, file, message) => {
    expect(refusal(() => parseSafetensors(file, FILE))).toMatch(message);
  });

  test.each([NaN, Infinity, -Infinity])('%p names the tensor and the index', (value) => {
    const file = writeSafetensors({ 'rnn.bias': f32([2, 3], [0, 1, 2, 3, value, 5]) });
    expect(refusal(() => read(file, 'rnn.bias'))).toMatch(`${value} at index [1, 1] (${FILE}, tensor "rnn.bias")`);
  });

  test('an F64 beyond float32, an F16 NaN and a BF16 infinity', () => {
    const tensors = {
      F64: { dtype: 'F64', shape: [1], bytes: new Uint8Array(Float64Array.of(1e300).buffer) },
      F16: { dtype: 'F16', shape: [1], bytes: halves(0x7e00) },
      BF16: { dtype: 'BF16', shape: [1], bytes: halves(0xff80) },
    };
    for (const name of Object.keys(tensors))
      expect(refusal(() => read(writeSafetensors(tensors), name))).toMatch('index [0]');
  });

  test('integers are no weights', () => {
    const file = writeSafetensors({ a: { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) } });
    expect(refusal(() => read(file, 'a'))).toMatch(/dtype is I64.*F32, F16, BF16 or F64/);
  });
});

test('random damage to a file is read or refused, never anything else', () => {
  const damage = fc.array(fc.tuple(fc.nat(GOLDEN.length - 1), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  });
  const header = GOLDEN.readUInt32LE(0) + 8;
  const inHeader = fc.array(fc.tuple(fc.nat(header - 1), fc.integer({ min: 0, max: 127 })), {
    minLength: 1,
    maxLength: 4,
  });
  const outcomes = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(damage, inHeader), fc.option(fc.nat(GOLDEN.length)), (changes, cut) => {
      const file = Uint8Array.from(GOLDEN);
      for (const [at, value] of changes) file[at] = value;
      try {
        for (const tensor of parseSafetensors(file.subarray(0, cut ?? file.length), FILE).values())
          toFloat32(tensor, FILE);
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof LinnetError)) throw error;
        outcomes.refused++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(outcomes.read).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});
