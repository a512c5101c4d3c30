/** scripts/prepack.mjs, without what it needs. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';

test('without the cross compiler it fails, says what to install, and leaves what was built before', () => {
  const before = join(PACKAGE_ROOT, 'prebuilt', 'pico', 'firmware.bin');
  const time = existsSync(before) && statSync(before).mtimeMs;
  const { status, stderr } = spawnSync(process.execPath, [join(PACKAGE_ROOT, 'scripts', 'prepack.mjs')], {
    env: { PATH: '' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^prepack: \S+ is not installed.*sudo apt-get install .*\n$/);
  expect(existsSync(before) && statSync(before).mtimeMs).toBe(time);
});
