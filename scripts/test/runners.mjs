/** The test runners: each does its part and says how much passed and failed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCommand, ROOT, run, SetupError } from '../setup/run.mjs';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Count */

/** For what is built for one short run. */
export const QUICK_BUILD = ['-DCMAKE_BUILD_TYPE=None', '-DCMAKE_CXX_FLAGS=-O1'];

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

/** Builds a program in a tree of its own. */
async function build(folder, flags, target) {
  await run('cmake', ['-S', '.', '-B', folder, ...flags]);
  await run('cmake', ['--build', folder, '--target', target]);
}

/** A program that ends in a line "N passed, N failed". One that ends otherwise, by a crash, is one more failure. */
async function counted(program, args) {
  const { ok, output } = await capture(program, args);
  const line = output.match(/(\d+) passed, (\d+) failed[^\n]*\s*$/);
  const count = { passed: Number(line?.[1] ?? 0), failed: Number(line?.[2] ?? 0) };
  if (!ok && count.failed === 0) count.failed = 1;
  if (count.failed > 0 || !line) process.stderr.write(output);
  if (!line && ok) count.failed = 1;
  return count;
}

export const nativeTests =
  (folder, flags = [], program = 'linnet_native_tests') =>
  async () => {
    await build(folder, flags, program);
    return counted(join(folder, program), []);
  };

/**
 * The native tests of another architecture in QEMU, once for each CPU: what it is called there, and the kernels that it
 * must choose.
 */
export const emulatedTests = (architecture, cpus) => async () => {
  const compiler = `${architecture}-linux-gnu-g++`;
  const emulator = `qemu-${architecture}`;
  const missing = [compiler, emulator].filter((command) => !hasCommand(command));
  if (missing.length > 0) {
    process.stderr.write(`SKIPPED: nothing of ${architecture} is tested, there is no ${missing.join(' and no ')}\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const folder = `build-${architecture}`;
  const target = ['-DCMAKE_SYSTEM_NAME=Linux', `-DCMAKE_SYSTEM_PROCESSOR=${architecture}`];
  await build(folder, [...target, `-DCMAKE_CXX_COMPILER=${compiler}`, ...QUICK_BUILD], 'linnet_native_tests');
  const libraries = `/usr/${architecture}-linux-gnu`; // Debian's, for programs of that architecture
  const runs = Object.entries(cpus).map(([cpu, kernels]) =>
    counted(emulator, ['-L', libraries, '-cpu', cpu, join(folder, 'linnet_native_tests'), '--kernels', kernels]),
  );
  const counts = await Promise.all(runs);
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  return { passed: sum('passed'), failed: sum('failed') };
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

/** Every fuzzer, in a tree that is configured, on its seeds and on seeded mutations of them. A crash or a sanitizer's report is a failure. */
export const fuzzers = (folder, mutations) => async () => {
  const names = readdirSync(join(ROOT, 'native/fuzz')).flatMap((file) => file.match(/^(\w+_fuzz)\.cc$/)?.[1] ?? []);
  if (names.length === 0) throw new SetupError('nothing to fuzz', 'look into native/fuzz');
  await run('cmake', ['--build', folder, '--target', ...names.map((name) => `linnet_${name}`)]);
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
