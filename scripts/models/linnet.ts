/** The built program, run as a user runs it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

/** The JSON objects of `linnet … --json`. */
export function linnet<T>(args: readonly string[], input = ''): T[] {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run "npm run build" first');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, '--json'], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`linnet ${args.join(' ')}: ${stderr.trim()}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
