/** The models that come with the package. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';

/** Paths of their images. */
export function shippedImages(): string[] {
  const models = join(PACKAGE_ROOT, 'models');
  return readdirSync(models)
    .map((name) => join(models, name, `${name}.linnet`))
    .filter(existsSync);
}
