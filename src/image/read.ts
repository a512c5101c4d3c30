/** Opens an image: every check of docs/format.md, then typed access to what is in it. */
import { createHash } from 'node:crypto';
import { ModelKind } from '../schema/image.js';
import type { TokenizerTables } from '../tokenizer/tables.js';
import { ImageError, type Fail } from './fault.js';
import { optional, type Op } from './ops.js';
import { validateHeader, type HeaderValues } from './validate-header.js';
import { Constants } from './validate-matrix.js';
import { validateOps } from './validate-ops.js';
import { validateOrder, validateResult } from './validate-order.js';
import { validateStrings } from './validate-strings.js';
import { validateTensors, type TensorInfo } from './validate-tensors.js';
import { validateTokenizer } from './validate-tokenizer.js';

/** A validated image. Its arrays are views into `bytes`, which must stay as they are. */
export class Image {
  readonly kind: 'language_model' | 'classifier';
  readonly constants: Constants;

  constructor(
    readonly bytes: Uint8Array,
    /** Fields as in the file. */
    readonly header: HeaderValues,
    readonly tensors: readonly TensorInfo[],
    readonly ops: readonly Op[],
    readonly tokenizer: TokenizerTables,
    readonly name: string,
    readonly labels: readonly string[],
  ) {
    this.kind = ModelKind.nameOf(header.kind)!;
    this.constants = new Constants(viewOf(bytes), tensors);
  }

  get bosId(): number | undefined {
    return optional(this.header.bos_id);
  }

  get eosId(): number | undefined {
    return optional(this.header.eos_id);
  }

  get padId(): number | undefined {
    return optional(this.header.pad_id);
  }

  /** The metadata object, or undefined if there is none or it is no JSON object: engines do not check it. */
  get metadata(): Readonly<Record<string, unknown>> | undefined {
    const { offset, size } = this.header.metadata;
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(this.bytes.subarray(offset, offset + size)));
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** SHA-256 of the image, hex. */
  get sha256(): string {
    return createHash('sha256').update(this.bytes).digest('hex');
  }
}

/**
 * @param bytes the whole file
 * @param where its name, for messages
 * @throws ImageError with the status and byte offset docs/format.md names
 */
export function openImage(bytes: Uint8Array, where: string): Image {
  const fail: Fail = (code, offset, detail) => {
    throw new ImageError(code, offset, detail, where);
  };
  const image = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  const view = viewOf(image);
  const header = validateHeader(image, view, fail);
  const tensors = validateTensors(view, header, fail);
  const ops = validateOps(view, header, tensors, fail);
  validateOrder(header, tensors, ops, fail);
  validateResult(header, tensors, ops, fail);
  const tokenizer = validateTokenizer(image, view, header, fail);
  const { name, labels } = validateStrings(image, header, fail);
  return new Image(image, header, tensors, ops, tokenizer, name, labels);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
