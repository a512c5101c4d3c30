/** Opens an image on this machine: natively where the addon loads, else on the reference engine. */
import { LinnetError } from '../errors.js';
import type { TextModel } from '../model.js';
import { NativeModel } from './native.js';
import { modules } from '../modules.js';
import { findAddon, requireAddon, selectKernels } from './native-addon.js';
import { readImageFile } from './read-image.js';

export interface LoadOptions {
  /**
   * native: C++ (native/). reference: TypeScript, some hundred times slower, the same results bit for bit.
   * auto (default): native if its addon loads here.
   */
  readonly engine?: 'auto' | 'native' | 'reference';
  /**
   * Variant of the native engine's kernels: auto (default, the fastest), reference, avx2… It holds for the whole
   * process, the model loaded last decides; left out, it stays as it is. LINNET_KERNELS in the environment
   * sets it from the start.
   */
  readonly kernels?: string;
}

/** A model that runs here. */
export interface LocalModel extends TextModel {
  readonly engine: 'native' | 'reference';
  /** Token ids of a text. */
  encode(text: string): Uint16Array;
}

const ENGINES = ['auto', 'native', 'reference'];

/**
 * Opens a `.linnet` image.
 * @param image a path, or the bytes (do not change them while the model is open)
 * @throws {LinnetError} file_not_found, file_unreadable; the status of an image that is not valid; usage; tool_missing
 * if engine "native" is asked for and cannot be had
 */
export async function load(image: string | Uint8Array, options: LoadOptions = {}): Promise<LocalModel> {
  const { engine = 'auto', kernels } = options;
  if (!ENGINES.includes(engine))
    throw usage(`no engine called "${engine}"`, 'engine', `choose one of ${ENGINES.join(', ')}`);
  if (kernels !== undefined && engine === 'reference')
    throw usage('engine "reference" has no kernels to choose from', 'kernels', 'leave one of the two out');
  if (typeof image !== 'string' && !(image instanceof Uint8Array))
    throw usage('expected a path or a Uint8Array', 'image', 'pass one of the two');
  const native =
    engine !== 'reference' && (engine === 'native' || kernels !== undefined ? requireAddon() : findAddon());
  if (native && kernels !== undefined) selectKernels(native, kernels, 'kernels');

  const where = typeof image === 'string' ? image : 'image';
  const allocate = native ? (size: number) => (size > 0 ? native.lend(size) : new Uint8Array()) : undefined;
  const bytes = typeof image === 'string' ? await readImageFile(image, allocate) : image;
  if (native) return new NativeModel(bytes, where, native);
  const { ReferenceModel } = modules.referenceModel();
  return new ReferenceModel(bytes, where);
}

function usage(what: string, where: string, remedy: string): LinnetError {
  return new LinnetError('usage', what, where, remedy);
}
