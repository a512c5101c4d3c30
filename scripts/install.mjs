#!/usr/bin/env node
/**
 * npm's install script for those who install the package: builds the addon if the machine can. It never fails
 * the installation, for without the addon the engine in TypeScript gives the same results, only slower.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { hasCommand, ROOT } from './setup/run.mjs';

const ADDON = 'build-cmake/Release/linnet.node';

/** Commands that build the addon, best first; each is tried if its tools are there. */
function* builders() {
  const cmakeJs = resolve('cmake-js/bin/cmake-js');
  if (cmakeJs && hasCommand('cmake')) yield [cmakeJs, 'compile', '-O', 'build-cmake'];
  const nodeGyp = process.env.npm_config_node_gyp; // npm carries one
  if (nodeGyp && hasCommand('make')) yield [nodeGyp, 'rebuild'];
}

function resolve(script) {
  try {
    return createRequire(join(ROOT, 'package.json')).resolve(script);
  } catch {
    return undefined;
  }
}

function build() {
  for (const [script, ...args] of builders())
    if (spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: 'inherit' }).status === 0) return true;
  return false;
}

if (!existsSync(join(ROOT, ADDON)) && !build())
  console.error(
    'linnet: the native engine was not built (install): the engine in TypeScript is used, slower and with the same\n' +
      'results. With a C++17 compiler and CMake installed, "npm rebuild linnet" builds it.',
  );
