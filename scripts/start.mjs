#!/usr/bin/env node
/** `npm start`: the whole way once. Set up, quantize, boot the board, hear it continue a prompt over serial, chat. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setUp } from './setup.mjs';
import { ROOT, SetupError } from './setup/run.mjs';

const MODEL = 'models/gutenberg-lm';
const IMAGE = 'build-models/gutenberg-lm.linnet';
const BOARD = 'netduinoplus2';
const PROMPT = 'Once upon a time';
const SAMPLING = ['--tokens', '60', '--temperature', '0.5', '--seed', '4'];

/** Runs the CLI on this terminal; resolves with its exit code. */
function linnet(...args) {
  process.stderr.write(`\n$ linnet ${args.map((arg) => (/[^\w./=-]/.test(arg) ? `"${arg}"` : arg)).join(' ')}\n`);
  const child = spawn(process.execPath, [join('dist', 'cli', 'main.js'), ...args], { cwd: ROOT, stdio: 'inherit' });
  const pass = (signal) => child.kill(signal);
  process.on('SIGTERM', pass);
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      process.off('SIGTERM', pass);
      resolve(signal ? 130 : code);
    }),
  );
}

async function main() {
  const undone = await setUp({ boards: [BOARD] });
  mkdirSync(join(ROOT, dirname(IMAGE)), { recursive: true });
  process.on('SIGINT', () => {}); // the terminal sends Ctrl-C to the CLI too, which ends what it started
  const steps = [['quantize', MODEL, '-o', IMAGE]];
  if (undone.length === 0) {
    steps.push(['generate', IMAGE, '--board', BOARD, '--prompt', PROMPT, ...SAMPLING]);
    if (process.stdin.isTTY) steps.push(['chat', IMAGE, '--board', BOARD]);
  } else {
    process.stderr.write(`without ${undone.join(', ')} there is no board: the same text comes from this machine\n`);
    steps.push(['generate', IMAGE, '--prompt', PROMPT, ...SAMPLING]);
  }
  for (const step of steps) {
    const code = await linnet(...step);
    if (code !== 0) return code;
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}: ${error.remedy}\n`);
  process.exitCode = 1;
}
