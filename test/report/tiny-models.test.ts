/** The models shipped for the smallest boards. */
import { join } from 'node:path';
import { knownBoards } from '../../src/boards/registry.js';
import { readImageFile } from '../../src/engine/read-image.js';
import { openImage } from '../../src/image/read.js';
import { summarize } from '../../src/report/summary.js';

const ROOT = join(__dirname, '..', '..');

test.each(['tiny-lm', 'trec-tiny'])('%s fits a board of 256 KB of flash and 16 KB of RAM', async (name) => {
  const path = join(ROOT, 'models', name, `${name}.linnet`);
  const { boards, bytes, stateBytes, scratchBytes } = summarize(
    openImage(await readImageFile(path), path),
    knownBoards(),
  );
  expect(boards['microbit']).toMatchObject({ fits: true, flash: bytes });
  expect(bytes).toBeLessThanOrEqual(185_000);
  expect(stateBytes + scratchBytes).toBeLessThanOrEqual(4096);
});
