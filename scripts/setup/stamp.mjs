/** "Is this step up to date?": a hash of what goes in, kept from the last time it succeeded. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const FOLDER = join(ROOT, '.cache', 'setup');

/** SHA-256 over the names and contents of files and, recursively, folders. Missing ones count as empty. */
export function hashOf(inputs, extra = '') {
  const hash = createHash('sha256').update(extra);
  const visit = (path) => {
    const full = join(ROOT, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory())
      readdirSync(full)
        .sort()
        .forEach((name) => visit(join(path, name)));
    else hash.update(`${path}\0`).update(readFileSync(full));
  };
  inputs.forEach(visit);
  return hash.digest('hex');
}

/** True if the step succeeded with this hash and what it made is still there. */
export function isFresh(step, hash, outputs) {
  const file = join(FOLDER, step);
  return (
    outputs.every((path) => existsSync(join(ROOT, path))) && existsSync(file) && readFileSync(file, 'utf8') === hash
  );
}

export function markFresh(step, hash) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, step), hash);
}

export function markStale(step) {
  rmSync(join(FOLDER, step), { force: true });
}
