/**
 * A tiny description language for little-endian records shared with C++.
 *
 * A struct is an ordered list of fields, each naturally aligned, so the same bytes are a C++ struct
 * that can be read in place from flash. TypeScript reads and writes it from this description;
 * `scripts/generate.ts` prints the C++ side and the tables in docs/.
 */

export type Scalar = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64';

const SIZE: Record<Scalar, number> = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8 };

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyStruct = Struct<any>;
export type FieldType = Scalar | AnyStruct | { readonly array: Scalar; readonly length: number };

/** A field: its type and what it means (unit, range), the text that ends up in docs and headers. */
export type Field = readonly [type: FieldType, doc: string];
export type Fields = Readonly<Record<string, Field>>;

type ValueOf<T extends FieldType> = T extends 'u64'
  ? bigint
  : T extends Scalar
    ? number
    : T extends Struct<infer F>
      ? Values<F>
      : number[];

export type Values<F extends Fields> = { [K in keyof F]: ValueOf<F[K][0]> };

/** An array field of `length` scalars. */
export function array<S extends Scalar>(scalar: S, length: number): { array: S; length: number } {
  return { array: scalar, length };
}

export class Struct<F extends Fields> {
  readonly size: number;
  readonly align: number;
  /** Byte offset of every field, in order. */
  readonly offsets: Readonly<Record<keyof F, number>>;

  constructor(
    readonly name: string,
    readonly doc: string,
    readonly fields: F,
  ) {
    const offsets: Partial<Record<keyof F, number>> = {};
    let offset = 0;
    let align = 1;
    for (const key of Object.keys(fields) as (keyof F & string)[]) {
      const field = layoutOf(fields[key]![0]);
      if (offset % field.align !== 0) throw new Error(`${name}.${key} is not naturally aligned (offset ${offset})`);
      offsets[key] = offset;
      offset += field.size;
      align = Math.max(align, field.align);
    }
    if (offset % align !== 0) throw new Error(`${name} needs padding: ${offset} bytes, alignment ${align}`);
    this.size = offset;
    this.align = align;
    this.offsets = offsets as Record<keyof F, number>;
  }

  read(view: DataView, at: number): Values<F> {
    const out: Record<string, unknown> = {};
    for (const [key, [type]] of Object.entries(this.fields)) out[key] = readField(view, at + this.offsets[key]!, type);
    return out as Values<F>;
  }

  write(view: DataView, at: number, values: Values<F>): void {
    for (const [key, [type]] of Object.entries(this.fields))
      writeField(view, at + this.offsets[key]!, type, values[key as keyof F]);
  }

  /** The record as fresh bytes. */
  encode(values: Values<F>): Uint8Array {
    const bytes = new Uint8Array(this.size);
    this.write(new DataView(bytes.buffer), 0, values);
    return bytes;
  }

  /** Reads a record from the start of `bytes`, or undefined if they are too few. */
  decode(bytes: Uint8Array): Values<F> | undefined {
    if (bytes.length < this.size) return undefined;
    return this.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  }
}

export function struct<F extends Fields>(name: string, doc: string, fields: F): Struct<F> {
  return new Struct(name, doc, fields);
}

/** A C enum: name → [value, doc]. */
export interface Enum<N extends string = string> {
  readonly name: string;
  readonly type: Scalar;
  readonly doc: string;
  readonly values: Readonly<Record<N, readonly [number, string]>>;
}

export function enumeration<N extends string>(
  name: string,
  type: Scalar,
  doc: string,
  values: Record<N, readonly [number, string]>,
): Enum<N> & { readonly [K in N]: number } & { nameOf(value: number): N | undefined } {
  const codes = Object.fromEntries(
    Object.entries<readonly [number, string]>(values).map(([key, [value]]) => [key, value]),
  ) as Record<N, number>;
  const names = new Map(Object.entries<number>(codes).map(([key, value]) => [value, key as N]));
  return Object.assign({ name, type, doc, values, nameOf: (value: number) => names.get(value) }, codes);
}

export function layoutOf(type: FieldType): { size: number; align: number } {
  if (typeof type === 'string') return { size: SIZE[type], align: SIZE[type] };
  if (type instanceof Struct) return { size: type.size, align: type.align };
  return { size: SIZE[type.array] * type.length, align: SIZE[type.array] };
}

function readField(view: DataView, at: number, type: FieldType): unknown {
  if (typeof type === 'string') return readScalar(view, at, type);
  if (type instanceof Struct) return type.read(view, at);
  return Array.from({ length: type.length }, (_, i) => readScalar(view, at + i * SIZE[type.array], type.array));
}

function writeField(view: DataView, at: number, type: FieldType, value: unknown): void {
  if (typeof type === 'string') writeScalar(view, at, type, value as number | bigint);
  else if (type instanceof Struct) type.write(view, at, value as Values<Fields>);
  else
    for (let i = 0; i < type.length; i++)
      writeScalar(view, at + i * SIZE[type.array], type.array, (value as ArrayLike<number>)[i] ?? 0);
}

function readScalar(view: DataView, at: number, type: Scalar): number | bigint {
  switch (type) {
    case 'u8':
      return view.getUint8(at);
    case 'i8':
      return view.getInt8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'i16':
      return view.getInt16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 'i32':
      return view.getInt32(at, true);
    case 'u64':
      return view.getBigUint64(at, true);
  }
}

function writeScalar(view: DataView, at: number, type: Scalar, value: number | bigint): void {
  switch (type) {
    case 'u8':
      return view.setUint8(at, Number(value));
    case 'i8':
      return view.setInt8(at, Number(value));
    case 'u16':
      return view.setUint16(at, Number(value), true);
    case 'i16':
      return view.setInt16(at, Number(value), true);
    case 'u32':
      return view.setUint32(at, Number(value), true);
    case 'i32':
      return view.setInt32(at, Number(value), true);
    case 'u64':
      return view.setBigUint64(at, BigInt(value), true);
  }
}
