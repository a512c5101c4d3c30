import fc from 'fast-check';
import { IMAGE_STRUCTS, Header, LIMITS, OP_STRUCTS, OpType } from '../../src/schema/image';
import { LINK_STRUCTS } from '../../src/schema/link';
import { STATUS, statusName } from '../../src/schema/status';
import { array, struct, type AnyStruct, type FieldType, Struct } from '../../src/schema/struct';

const Sample = struct('Sample', '', {
  a: ['u32', ''],
  b: ['i16', ''],
  c: ['u8', ''],
  d: ['i8', ''],
  list: [array('u16', 2), ''],
  e: ['i32', ''],
  big: ['u64', ''],
});

test('records are little-endian, in order, without padding', () => {
  const bytes = Sample.encode({
    a: 0x04030201,
    b: -2,
    c: 5,
    d: -1,
    list: [7, 0x0809],
    e: -3,
    big: 0x0102030405060708n,
  });
  expect([...bytes]).toEqual([
    1, 2, 3, 4, 0xfe, 0xff, 5, 0xff, 7, 0, 9, 8, 0xfd, 0xff, 0xff, 0xff, 8, 7, 6, 5, 4, 3, 2, 1,
  ]);
});

/** Any value of a field. */
function values(type: FieldType): fc.Arbitrary<unknown> {
  if (type instanceof Struct)
    return fc.record(
      Object.fromEntries(Object.entries<readonly [FieldType, string]>(type.fields).map(([k, [t]]) => [k, values(t)])),
    );
  if (typeof type === 'object') return fc.array(values(type.array), { minLength: type.length, maxLength: type.length });
  if (type === 'u64') return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const bits = Number(type.slice(1));
  return type.startsWith('u')
    ? fc.integer({ min: 0, max: 2 ** bits - 1 })
    : fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
}

test.each([...IMAGE_STRUCTS, ...LINK_STRUCTS, Sample].map((s: AnyStruct) => [s.name, s] as const))(
  '%s comes back as it was written',
  (_name, s) => {
    fc.assert(
      fc.property(values(s), (value) => {
        expect(s.decode(s.encode(value as never))).toEqual(value);
      }),
      { numRuns: 50 },
    );
  },
);

test('too few bytes are no record', () => {
  expect(Header.decode(new Uint8Array(Header.size - 1))).toBeUndefined();
});

test('a struct with a hole is refused when it is declared', () => {
  expect(() => struct('X', '', { a: ['u8', ''], b: ['u32', ''] })).toThrow('not naturally aligned');
  expect(() => struct('X', '', { a: ['u32', ''], b: ['u8', ''] })).toThrow('needs padding');
});

test('every op has a record, which starts with its type and size and keeps the next one aligned', () => {
  expect(Object.keys(OP_STRUCTS).sort()).toEqual(Object.keys(OpType.values).sort());
  for (const s of Object.values<AnyStruct>(OP_STRUCTS)) {
    expect(Object.keys(s.fields).slice(0, 2)).toEqual(['type', 'size']);
    expect(s.size % 4).toBe(0);
  }
});

test('status codes are unique and fit a byte', () => {
  const codes = Object.values(STATUS).map((s) => s.code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.every((c) => c >= 0 && c < 256)).toBe(true);
  for (const [name, { code }] of Object.entries(STATUS)) expect(statusName(code)).toBe(name);
});

test('the column limit keeps every dot product of full-scale weights in int32', () => {
  expect(128 * 127 * LIMITS.max_columns).toBeLessThan(2 ** 31);
});
