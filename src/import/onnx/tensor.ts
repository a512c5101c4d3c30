/** TensorProto → numbers, wherever the file keeps them. */
import { LinnetError } from '../../errors.js';
import type { TensorProto } from './schema.js';
import type { Tensor } from './values.js';

/** TensorProto.DataType: name, bytes, and how one raw element is read. */
interface DataType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** The typed list used in place of raw_data. */
  readonly list: 'float_data' | 'int32_data' | 'int64_data' | 'double_data';
}

const TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'float', bytes: 4, read: (v, at) => v.getFloat32(at, true), list: 'float_data' },
  2: { name: 'uint8', bytes: 1, read: (v, at) => v.getUint8(at), list: 'int32_data' },
  3: { name: 'int8', bytes: 1, read: (v, at) => v.getInt8(at), list: 'int32_data' },
  6: { name: 'int32', bytes: 4, read: (v, at) => v.getInt32(at, true), list: 'int32_data' },
  7: { name: 'int64', bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)), list: 'int64_data' },
  9: { name: 'bool', bytes: 1, read: (v, at) => v.getUint8(at), list: 'int32_data' },
  11: { name: 'double', bytes: 8, read: (v, at) => v.getFloat64(at, true), list: 'double_data' },
};
const FLOAT = 1;
const EXTERNAL = 1;

/** Bytes of a file beside the model, for tensors that are kept there. */
export type ReadExternal = (location: string, offset: number, length: number | undefined, where: string) => Uint8Array;

/** @throws LinnetError bad_checkpoint, unsupported_model, or what `readExternal` throws */
export function readTensor(proto: TensorProto, where: string, readExternal: ReadExternal): Tensor {
  const name = proto.name ?? '';
  const here = name === '' ? where : `${where}, tensor "${name}"`;
  const type = TYPES[proto.data_type ?? 0];
  if (!type)
    throw new LinnetError(
      'unsupported_model',
      `tensor of data type ${proto.data_type}`,
      here,
      'export the model with float32 weights',
    );
  if (!proto.dims.every((n) => Number.isSafeInteger(n) && n >= 0)) throw bad('its shape is malformed', here);
  const length = proto.dims.reduce((product, n) => product * n, 1);
  const raw = proto.data_location === EXTERNAL ? external(proto, here, readExternal) : proto.raw_data;
  const list = proto[type.list];
  const found = raw && raw.length > 0 ? raw.length / type.bytes : list.length;
  if (found !== length)
    throw bad(`shape [${proto.dims.join(', ')}] needs ${length} elements, there are ${found}`, here);
  const data = proto.data_type === FLOAT ? new Float32Array(length) : new Float64Array(length);
  if (raw && raw.length > 0) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < length; i++) data[i] = type.read(view, i * type.bytes);
  } else data.set(list);
  return { name, dims: proto.dims, data };
}

function external(proto: TensorProto, where: string, readExternal: ReadExternal): Uint8Array {
  const entries = new Map(proto.external_data.map(({ key, value }) => [key, value]));
  const location = entries.get('location');
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw bad(`its ${key} is ${JSON.stringify(text)}`, where);
    return Number(text);
  };
  if (!location) throw bad('its data is kept in another file that is not named', where);
  return readExternal(location, number('offset') ?? 0, number('length'), where);
}

function bad(what: string, where: string): LinnetError {
  return new LinnetError('bad_checkpoint', what, where, 'export the model again');
}
