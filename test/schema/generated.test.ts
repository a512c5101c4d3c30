import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

test('headers and tables made from the schema are up to date', () => {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/generate.ts', '--check'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: expect.any(String) });
});
