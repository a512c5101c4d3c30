#!/usr/bin/env node
/**
 * From a bare clone to a working tree: system packages, npm packages, TypeScript, addon, firmware. Each step is
 * skipped when it is up to date. Plain Node without dependencies: it runs before any are there.
 *
 *     node scripts/setup.mjs [--no-firmware]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNodePackages, nodePackagesFresh } from './setup/node-packages.mjs';
import { ROOT, run, SetupError } from './setup/run.mjs';
import { hashOf, isFresh, markFresh, markStale } from './setup/stamp.mjs';
import { installPackages, missingPackages } from './setup/system-packages.mjs';

const BOARDS = readdirSync(join(ROOT, 'firmware/boards'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const factsOf = (board) => JSON.parse(readFileSync(join(ROOT, 'firmware/boards', board, 'board.json'), 'utf8'));
const NATIVE = ['native', 'CMakeLists.txt', 'package-lock.json'];

const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a step unless its inputs are those of its last success. */
async function step(name, title, inputs, outputs, build) {
  const hash = hashOf(inputs, process.version);
  if (isFresh(name, hash, outputs)) return;
  say(`${title} …`);
  markStale(name);
  await build();
  markFresh(name, hash);
}

const node = (script, args, options) => run(process.execPath, [join(ROOT, 'node_modules', script), ...args], options);

/**
 * @param boards whose firmware to build; default: of all
 * @param tests also what only the tests want
 * @returns titles of the steps that could not be done; without them parts of the project do not work
 */
export async function setUp({ boards = BOARDS, tests = false } = {}) {
  const undone = [];
  /** A step others can do without: says what to do and goes on. */
  const attempt = async (what, action) => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(`setup: ${error.message}: ${error.remedy}`);
      undone.push(what);
    }
  };

  const missing = missingPackages({ riscv: boards.some((board) => factsOf(board).cpu.startsWith('RV')), tests });
  if (missing.length > 0) {
    say(`system packages (${missing.map(({ name }) => name).join(', ')}) …`);
    await attempt('system packages', () => installPackages(missing));
  }
  if (!nodePackagesFresh()) {
    say('npm packages …');
    await installNodePackages();
  }
  await step(
    'typescript',
    'TypeScript',
    ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    ['dist/index.js'],
    () => node('typescript/bin/tsc', ['-p', 'tsconfig.build.json']),
  );
  await attempt('native engine', () =>
    step('addon', 'native engine', NATIVE, ['build-cmake/Release/linnet.node'], () =>
      node('cmake-js/bin/cmake-js', ['compile', '-O', 'build-cmake'], {
        remedy:
          'mend what it says; until then the TypeScript engine is used, which is slower and gives the same results',
      }),
    ),
  );
  for (const board of boards) {
    const outputs = [join('build-firmware', board, factsOf(board).firmware)];
    await attempt(`firmware for ${board}`, () =>
      step(`firmware-${board}`, `firmware for ${board}`, ['native', 'firmware', 'package.json'], outputs, () =>
        run('sh', ['firmware/build.sh', board], {
          remedy: `mend what it says; until then "--board ${board}" does not work`,
        }),
      ),
    );
  }
  return undone;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  try {
    const undone = await setUp(process.argv.includes('--no-firmware') ? { boards: [] } : {});
    say(undone.length === 0 ? 'ready' : `ready, without: ${undone.join(', ')}`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`setup: ${error.message}: ${error.remedy} (Node.js ${engines.node} is needed, this is ${process.version})`);
    process.exit(1);
  }
}
