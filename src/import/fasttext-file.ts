/**
 * The file of a model of the fastText project, as its `saveModel` writes it, little-endian:
 *
 *     i32 magic, version
 *     i32 dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate;  f64 t
 *     i32 entries, words, labels;  i64 tokens, pruned
 *     entries × (bytes ended by NUL, i64 count, i8 type): the words, then the labels
 *     u8 quantized, input matrix, u8 quantized, output matrix:  i64 rows, columns;  f32 [rows, columns]
 */
import { open, type FileHandle } from 'node:fs/promises';
import { LinnetError } from '../errors.js';
import { LIMITS } from '../schema/image.js';
import { fileError } from './files.js';

const MAGIC = 793712314;
const HEAD = 92;
/** Behind the text of an entry: its count and its type. */
const ENTRY_TAIL = 9;
const MATRIX_HEAD = 17;
/** Bytes of the dictionary read at a time. */
const CHUNK = 1 << 20;

export interface FastTextArgs {
  readonly version: number;
  readonly dim: number;
  readonly wordNgrams: number;
  readonly loss: number;
  readonly model: number;
  readonly bucket: number;
  readonly maxn: number;
  readonly words: number;
  readonly labels: number;
  /** Left of a dictionary that was cut down, −1 if it is whole. */
  readonly pruned: bigint;
}

export interface FastTextDictionary {
  /** UTF-8, if the text it was trained on was. */
  readonly words: readonly Uint8Array[];
  readonly labels: readonly Uint8Array[];
  /** Where the input matrix starts. */
  readonly end: number;
}

export interface FastTextMatrix {
  readonly quantized: boolean;
  readonly rows: bigint;
  readonly columns: bigint;
  /** Where its elements start. */
  readonly start: number;
}

export class FastTextFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly path: string,
    readonly args: FastTextArgs,
  ) {}

  /** To be closed. @throws LinnetError file_not_found, file_unreadable, bad_checkpoint if it is another file */
  static async open(path: string): Promise<FastTextFile> {
    const handle = await open(path).catch((cause: unknown) => {
      throw fileError(cause, path, 'give the .bin that `fasttext supervised` wrote');
    });
    try {
      return new FastTextFile(handle, path, await readHead(handle, path));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Words and labels in the order of their ids. */
  async dictionary(): Promise<FastTextDictionary> {
    const { words, labels } = this.args;
    const entries: Uint8Array[] = [];
    let end = HEAD;
    while (entries.length < words + labels) {
      const chunk = await read(this.handle, this.path, end, CHUNK);
      let at = 0;
      while (entries.length < words + labels) {
        const nul = chunk.indexOf(0, at);
        const next = nul + 1 + ENTRY_TAIL;
        if (nul < 0 || next > chunk.length) break;
        const text = chunk.subarray(at, nul);
        this.checkEntry(text, chunk[next - 1]!, entries.length);
        entries.push(text);
        at = next;
      }
      if (at === 0) throw this.fault(chunk.length < CHUNK ? 'it ends within its dictionary' : 'an entry has no end');
      end += at;
    }
    return { words: entries.slice(0, words), labels: entries.slice(words), end };
  }

  private checkEntry(text: Uint8Array, type: number, index: number): void {
    const isLabel = index >= this.args.words;
    if (text.length === 0 || type !== (isLabel ? 1 : 0)) throw this.fault(`entry ${index} of its dictionary is broken`);
    if (text.length > LIMITS.max_text_bytes)
      throw new LinnetError(
        'unsupported_model',
        `its ${isLabel ? 'label' : 'word'} "${Buffer.from(text).toString('utf8', 0, 20)}…" has ${text.length} bytes`,
        this.path,
        `retrain without it: ${LIMITS.max_text_bytes} bytes are the most`,
      );
  }

  async matrix(at: number): Promise<FastTextMatrix> {
    const bytes = await this.exactly(at, MATRIX_HEAD);
    const [rows, columns] = [bytes.readBigInt64LE(1), bytes.readBigInt64LE(9)];
    return { quantized: bytes[0] !== 0, rows, columns, start: at + MATRIX_HEAD };
  }

  /** The first `count` elements of a matrix. */
  async elements({ start }: FastTextMatrix, count: number): Promise<Float32Array> {
    const bytes = await this.exactly(start, 4 * count);
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      values[i] = bytes.readFloatLE(4 * i);
      if (!Number.isFinite(values[i])) throw this.fault('a weight is not finite');
    }
    return values;
  }

  private async exactly(at: number, length: number): Promise<Buffer> {
    const bytes = await read(this.handle, this.path, at, length);
    if (bytes.length < length) throw this.fault('it ends within a matrix');
    return bytes;
  }

  /** What is wrong with a file that only damage explains. */
  fault(what: string): LinnetError {
    return new LinnetError('bad_checkpoint', `not a whole fastText model: ${what}`, this.path, 'copy it again');
  }
}

/** Up to `length` bytes: fewer at the end of the file. */
async function read(handle: FileHandle, path: string, at: number, length: number): Promise<Buffer> {
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at + done);
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw fileError(cause, path, '');
  }
}

async function readHead(handle: FileHandle, path: string): Promise<FastTextArgs> {
  const head = await read(handle, path, 0, HEAD);
  if (head.length < HEAD || head.readInt32LE(0) !== MAGIC)
    throw new LinnetError(
      'bad_checkpoint',
      'not a model of fastText',
      path,
      'give the .bin that `fasttext supervised` wrote, an .onnx file, or a folder with config.json',
    );
  const int = (field: number): number => head.readInt32LE(4 * field);
  const args = {
    version: int(1),
    dim: int(2),
    wordNgrams: int(7),
    loss: int(8),
    model: int(9),
    bucket: int(10),
    maxn: int(12),
    words: int(17),
    labels: int(18),
    pruned: head.readBigInt64LE(84),
  };
  if (args.dim < 1 || args.bucket < 0 || args.words < 0 || args.labels < 0 || int(16) !== args.words + args.labels)
    throw new LinnetError(
      'bad_checkpoint',
      'not a whole fastText model: its sizes make no sense',
      path,
      'copy it again',
    );
  return args;
}
