/** Temporary files of emulated boards: those of programs that were killed go, those in use stay. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sweepTemporaries, temporaryIn } from '../../src/boards/temporary.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-temporary-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('only what a process of this computer left that has ended is removed', async () => {
  const mine = basename(temporaryIn(folder));
  const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
  const left = mine.replace(`.${process.pid}.`, `.${ended}.`);
  expect(left).not.toBe(mine);
  const elsewhere = left.replace(hostname(), 'another-computer');
  const stay = [mine, elsewhere, 'flash.bin', 'notes.tmp'].sort();
  for (const name of [...stay, left]) writeFileSync(join(folder, name), '');
  await sweepTemporaries(folder);
  expect(readdirSync(folder).sort()).toEqual(stay);
});

test('a folder that is not there is no error', async () => {
  await expect(sweepTemporaries(join(folder, 'none'))).resolves.toBeUndefined();
});
