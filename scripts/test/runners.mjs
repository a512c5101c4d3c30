/** The test runners: each does its part and says how much passed and failed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, SetupError } from '../setup/run.mjs';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Count */

const inModules = (script) => join(ROOT, 'node_modules', script);

/** Runs a program; resolves with its exit code and everything it printed. */
function capture(command, args, { env = {}, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => {
        said.push(bytes);
        if (show) process.stderr.write(bytes);
      });
    const stop = (signal) => child.kill(signal);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', (error) => resolve({ ok: false, output: String(error) }));
    child.on('close', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130);
      resolve({ ok: code === 0, output: Buffer.concat(said).toString() });
    });
  });
}

/** A check that is right or wrong as a whole. */
export const check =
  (command, ...args) =>
  async () => {
    const { ok, output } = await capture(command, args);
    if (!ok) process.stderr.write(output);
    return { passed: Number(ok), failed: Number(!ok) };
  };

export const nodeCheck = (script, ...args) => check(process.execPath, inModules(script), ...args);

/** Builds the native tests in their own tree. */
async function build(folder, flags) {
  await run('cmake', ['-S', '.', '-B', folder, ...flags]);
  await run('cmake', ['--build', folder]);
}

/** A program that ends in a line "N passed, N failed". One that ends otherwise, by a crash, is one more failure. */
async function counted(program, args, env) {
  const { ok, output } = await capture(program, args, { env });
  const line = output.match(/(\d+) passed, (\d+) failed[^\n]*\s*$/);
  const count = { passed: Number(line?.[1] ?? 0), failed: Number(line?.[2] ?? 0) };
  if (!ok && count.failed === 0) count.failed = 1;
  if (count.failed > 0 || !line) process.stderr.write(output);
  if (!line && ok) count.failed = 1;
  return count;
}

export const nativeTests =
  (folder, ...flags) =>
  async () => {
    await build(folder, flags);
    return counted(join(folder, 'linnet_native_tests'), []);
  };

/** Seed files of `link_fuzz`: native/fuzz/seeds/link-*. Of `image_fuzz`: the images every engine reproduces. */
function seedsOf(fuzzer) {
  const filesIn = (folder, test) =>
    readdirSync(join(ROOT, folder))
      .filter(test)
      .map((name) => join(folder, name));
  const own = filesIn('native/fuzz/seeds', (name) => name.startsWith(fuzzer.replace('fuzz', '').replace('_', '-')));
  return own.length > 0 ? own : filesIn('test/conformance', (name) => name.endsWith('.linnet'));
}

/** Every fuzzer on its seeds and on seeded mutations of them. A crash or a sanitizer's report is a failure. */
export const fuzzers = (folder, mutations) => async () => {
  const names = readdirSync(join(ROOT, 'native/fuzz')).flatMap((file) => file.match(/^(\w+_fuzz)\.cc$/)?.[1] ?? []);
  if (names.length === 0) throw new SetupError('nothing to fuzz', 'look into native/fuzz');
  const count = { passed: 0, failed: 0 };
  for (const name of names) {
    const { ok, output } = await capture(join(folder, `linnet_${name}`), [String(mutations), '1', ...seedsOf(name)]);
    if (!ok) process.stderr.write(output);
    count[ok ? 'passed' : 'failed']++;
  }
  return count;
};

/** Jest, with its own reporter on stderr and its totals from a file. */
export async function jest() {
  const report = join('.cache', 'jest.json');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  rmSync(join(ROOT, report), { force: true });
  await capture(process.execPath, [inModules('jest/bin/jest.js'), '--json', `--outputFile=${report}`], {
    env: { FORCE_COLOR: process.stderr.isTTY ? '1' : '0' },
    show: true,
  });
  if (!existsSync(join(ROOT, report))) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(join(ROOT, report), 'utf8'),
  );
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped: numPendingTests };
}
