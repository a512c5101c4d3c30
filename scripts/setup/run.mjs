/** Child processes of the set-up: output kept back, shown only if the command fails. */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** CMake builds with one job unless told. */
process.env.CMAKE_BUILD_PARALLEL_LEVEL ??= String(availableParallelism());

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A step that cannot be done; `remedy` is what a person can do about it. */
export class SetupError extends Error {
  constructor(what, remedy) {
    super(what);
    this.remedy = remedy;
  }
}

/** Is `command` on the PATH? */
export function hasCommand(command) {
  return spawnSync('sh', ['-c', `command -v "${command}"`], { stdio: 'ignore' }).status === 0;
}

/** Standard output of a quick command, or undefined if it fails. */
export function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', cwd: ROOT });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs a command quietly; on failure prints what it said and throws SetupError. */
export function run(command, args, { env = {}, remedy = 'see its output above' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = [];
    child.stdout.on('data', (bytes) => said.push(bytes));
    child.stderr.on('data', (bytes) => said.push(bytes));
    const stop = (signal) => child.kill(signal);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', (error) => reject(new SetupError(`cannot run ${command} (${error.code})`, remedy)));
    child.on('close', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (code === 0) return resolve(Buffer.concat(said).toString());
      process.stderr.write(Buffer.concat(said));
      if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130);
      reject(new SetupError(`"${[command, ...args].join(' ')}" failed (${signal ?? `exit code ${code}`})`, remedy));
    });
  });
}
