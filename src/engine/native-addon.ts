/** The native addon: where it lies, what it exports (native/addon/addon.cc), and its errors as LinnetError. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LinnetError } from '../errors.js';
import type { FloatKernels } from '../graph/float-kernels.js';

/** An opened image. Everything here runs on the calling thread unless it returns a promise. */
export interface NativeImage {
  readonly info: {
    readonly name: string;
    readonly kind: 'language_model' | 'classifier';
    readonly vocabSize: number;
    readonly labels: readonly string[];
    readonly imageBytes: number;
    readonly stateBytes: number;
    readonly scratchBytes: number;
    readonly joinsWithSpace: boolean;
  };
  /** A copy of the image. */
  bytes(): Buffer;
  encode(text: string): Uint16Array;
  /** UTF-8, may be part of a character; empty for special tokens. */
  tokenText(id: number): Buffer;
  /**
   * @param text or its token ids
   * @param scores [labels], overwritten, Q0.15
   * @returns position of the label
   */
  classify(text: string | Uint16Array, scores: Uint16Array): number;
  /** `labels` [texts], `scores` [texts · labels] */
  classifyBatch(texts: readonly string[]): Promise<{ labels: Uint16Array; scores: Uint16Array }>;
  /** 32 bytes */
  selfTest(): Promise<Buffer>;
  /** Running calls end with status `cancelled` at their next token. */
  close(): void;
}

/** A running generation; starts when constructed. */
export interface NativeGeneration {
  /** Called when `take` gave nothing and there is something now, and when the generation has ended. */
  onwake?: () => void;
  /** Moves waiting tokens into `ids` and returns how many. */
  take(ids: Uint16Array): number;
  cancel(): void;
  /** Whether the first token continues a text (prompt or earlier generation); known once there is a token. */
  readonly followsText: boolean;
  /** Engine status once it has ended (tokens may still wait), else undefined. */
  readonly result: number | undefined;
}

export interface NativeScoring {
  /** Works for some milliseconds. All is done when `done` equals `total`. `nllQ16`: nats, 16 fraction bits. */
  run(): Promise<{ done: number; total: number; nllQ16: number }>;
  cancel(): void;
}

export interface NativeAddon {
  readonly Model: new (bytes: Uint8Array) => NativeImage;
  readonly Generation: new (
    model: NativeImage,
    prompt: string,
    maxTokens: number,
    temperatureQ12: number,
    topK: number,
    seed: number,
    keepState: boolean,
  ) => NativeGeneration;
  readonly Scoring: new (model: NativeImage, text: string) => NativeScoring;
  /** Memory for an image, `bytes` of it, which `Model` takes over instead of copying it: the array is empty then. */
  lend(bytes: number): Uint8Array;
  /** Kernel variants compiled in, reference first. */
  kernelVariants(): { readonly name: string; readonly available: boolean }[];
  /** For the whole process; "auto" is the fastest. False if there is no such variant on this CPU. */
  selectKernels(name: string): boolean;
  /** The variant in use. */
  kernels(): string;
  readonly floatKernels: FloatKernels;
}

/** Where builds put the addon, from the package's folder: cmake-js, then node-gyp. */
const BUILDS = ['build-cmake/Release/linnet.node', 'build/Release/linnet.node'];
const PACKAGE = join(__dirname, '..', '..');

let loaded: { addon?: NativeAddon; why: string } | undefined;

/** The addon, or undefined if there is none for this machine. Reads LINNET_KERNELS the first time. */
export function findAddon(): NativeAddon | undefined {
  loaded ??= tryLoad();
  return loaded.addon;
}

/** The built addon's path, if it was built. */
export function addonFile(): string | undefined {
  return BUILDS.map((build) => join(PACKAGE, build)).find((file) => existsSync(file));
}

/** @throws {LinnetError} tool_missing */
export function requireAddon(): NativeAddon {
  const addon = findAddon();
  if (addon) return addon;
  const remedy = 'build it with "npm run build:native", or use engine "reference"';
  throw new LinnetError('tool_missing', `the native engine cannot be loaded, ${loaded!.why}`, 'engine', remedy);
}

function tryLoad(): { addon?: NativeAddon; why: string } {
  const file = addonFile();
  if (file === undefined) return { why: 'it was not built' };
  let addon: NativeAddon;
  try {
    addon = createRequire(__filename)(file) as NativeAddon;
  } catch (error) {
    return { why: (error as Error).message.split('\n', 1)[0]! };
  }
  const wanted = process.env['LINNET_KERNELS'];
  if (wanted) selectKernels(addon, wanted, 'LINNET_KERNELS');
  return { addon, why: '' };
}

/** @throws {LinnetError} usage, if this machine has no such variant */
export function selectKernels(addon: NativeAddon, name: string, where: string): void {
  if (addon.selectKernels(name)) return;
  const names = addon.kernelVariants().flatMap((variant) => (variant.available ? [variant.name] : []));
  const remedy = `choose one of ${['auto', ...names].join(', ')}`;
  throw new LinnetError('usage', `no kernels called "${name}" on this machine`, where, remedy);
}

/** An error thrown by the addon as LinnetError; any other error as it is. */
export function fromNative(error: unknown, where: string): unknown {
  const { status, byteOffset, index } = error as { status?: unknown; byteOffset?: number; index?: number };
  if (typeof status !== 'number') return error;
  const place =
    byteOffset !== undefined ? `${where}, byte ${byteOffset}` : index !== undefined ? `text ${index}` : where;
  return LinnetError.fromStatus(status, place);
}

/** The float32 kernels in C++, for the float model; undefined without the addon. */
export function nativeFloatKernels(): FloatKernels | undefined {
  return findAddon()?.floatKernels;
}
