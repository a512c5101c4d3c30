/** npm packages: `npm ci` if what is installed is not what package-lock.json says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './run.mjs';

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

export function nodePackagesFresh() {
  // npm leaves a lock file of what it really installed.
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || (installed[path]?.version ?? (optional && version)) === version,
  );
}

/**
 * Install scripts stay off: serialport, esbuild and onnxruntime-node carry their binaries in the package, and
 * this package's own addon is built by the next step.
 */
export function installNodePackages() {
  return run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    remedy: 'check the network and the npm registry setting, then run "npm ci --ignore-scripts"',
  });
}
