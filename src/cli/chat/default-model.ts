/** The model a board gets when none is named and it holds none: one that comes with Linnet. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT, type BoardSpec } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { openImage } from '../../image/read.js';
import { needOn } from '../../report/summary.js';

/** The one that writes best for its size. */
const FIRST = 'gutenberg-lm';

/** Path of the first language model that fits, larger ones before smaller ones. @throws LinnetError no_model */
export async function defaultModel(board: BoardSpec): Promise<string> {
  const models = (await shippedModels()).sort((a, b) => rank(b) - rank(a));
  const model = models.find(({ image }) => image.kind === 'language_model' && needOn(board, image).fits);
  if (model) return model.path;
  throw new LinnetError(
    'no_model',
    `no model that comes with Linnet fits ${board.name}`,
    board.name,
    'give an image, or another --board',
  );
}

type Shipped = Awaited<ReturnType<typeof shippedModels>>[number];

const rank = ({ name, image }: Shipped): number => (name === FIRST ? Infinity : image.bytes.length);

async function shippedModels() {
  const folder = join(PACKAGE_ROOT, 'models');
  const names = await readdir(folder).catch(() => []);
  const models = names.map(async (name) => {
    const path = join(folder, name, `${name}.linnet`);
    const bytes = await readImageFile(path).catch(() => undefined);
    return bytes ? [{ name, path, image: openImage(bytes, path) }] : [];
  });
  return (await Promise.all(models)).flat();
}
