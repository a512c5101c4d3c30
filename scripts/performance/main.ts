/**
 * `npm run performance`: measures this machine and the emulated boards with the built program and writes
 * docs/performance.json, docs/performance.md and its drawing. `--render` only writes the page anew, `--check` fails if it is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import type { Results } from '../../src/bench/results.js';
import { linnet, ROOT } from '../models/linnet.js';
import { drawGrowth } from './draw.js';
import { cpuLimits } from './limits.js';
import { type Performance, render } from './render.js';

const DOCS = join(ROOT, 'docs');
const DATA = join(DOCS, 'performance.json');
const PAGE = join(DOCS, 'performance.md');
const DRAWING = join(DOCS, 'performance.svg');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '15' },
      render: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  });
  if (!values.render && !values.check) await measure(values.rounds);
  const results = JSON.parse(readFileSync(DATA, 'utf8')) as Performance;
  const pages = [
    [PAGE, await pretty(render(results), PAGE)],
    [DRAWING, drawGrowth(results.growth ?? [])],
  ] as const;
  for (const [path, text] of pages)
    if (!values.check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text)
      throw new Error(`${path} is out of date: npm run performance -- --render`);
}

async function measure(rounds: string): Promise<void> {
  const [measured] = linnet<Results>(['bench', '--rounds', rounds, '--others', '--more', '--boards']) as [Results];
  if (measured.machine.peer === undefined) throw new Error('onnxruntime-node is not installed: npm install');
  const performance: Performance = { ...measured, limits: cpuLimits() };
  writeFileSync(DATA, await pretty(JSON.stringify(performance), DATA));
}

async function pretty(text: string, path: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
