/** Flash files of emulated boards in a folder of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** From before the first test of a file to after its last; then nothing is left. @returns the folder's path */
export function useOwnHome(): () => string {
  let home: string;
  const before = process.env['LINNET_HOME'];
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
    process.env['LINNET_HOME'] = home;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['LINNET_HOME'];
    else process.env['LINNET_HOME'] = before;
    rmSync(home, { recursive: true, force: true });
  });
  return () => home;
}
