/** Writes the images and vectors of this folder: `npx tsx test/conformance/make.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFiles } from './files';

for (const [name, bytes] of makeFiles()) {
  writeFileSync(join(__dirname, name), bytes);
  console.log(`${name} ${bytes.length} bytes`);
}
