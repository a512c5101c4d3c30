/** Writes safetensors files for tests, well-formed ones and, through `header`, malformed ones. */

export interface TensorToWrite {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function f32(shape: readonly number[], values: readonly number[]): TensorToWrite {
  return { dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function writeSafetensors(tensors: Readonly<Record<string, TensorToWrite>>): Uint8Array {
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
      const begin = at;
      at += bytes.length;
      return [name, { dtype, shape, data_offsets: [begin, at] }];
    }),
  );
  return withHeader(JSON.stringify(header), ...Object.values(tensors).map(({ bytes }) => bytes));
}

/** A file with this header text and payload. */
export function withHeader(header: string, ...payload: readonly Uint8Array[]): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...payload]);
}
