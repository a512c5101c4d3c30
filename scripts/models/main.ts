/**
 * `npm run models [names…] [-- --checkpoints <folder>]`: measures the models of rows.ts, writes docs/models.json and
 * docs/models.md. `--render` only writes the page anew, `--check` fails if it is out of date.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { writeTestSets } from './corpora.js';
import { ROOT } from './linnet.js';
import { measure } from './measure.js';
import { render, type Results } from './render.js';
import { ROWS } from './rows.js';

const DATA = join(ROOT, 'docs', 'models.json');
const PAGE = join(ROOT, 'docs', 'models.md');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { checkpoints: { type: 'string' }, render: { type: 'boolean' }, check: { type: 'boolean' } },
  });
  const known = ROWS.map(({ name }) => name);
  const odd = positionals.find((name) => !known.includes(name));
  if (odd) throw new Error(`no model "${odd}": there are ${known.join(', ')}`);
  let results: Results = existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as Results) : {};
  if (!values.render && !values.check)
    for await (const measured of measureAll(results, positionals, values.checkpoints)) {
      results = measured;
      writeFileSync(DATA, JSON.stringify(results, undefined, 2) + '\n');
    }
  const page = await pretty(render(results, shippedModels()), PAGE);
  if (!values.check) writeFileSync(PAGE, page);
  else if (readFileSync(PAGE, 'utf8') !== page)
    throw new Error('docs/models.md is out of date: npm run models -- --render');
}

async function* measureAll(before: Results, names: readonly string[], checkpoints: string | undefined) {
  const work = mkdtempSync(join(tmpdir(), 'linnet-models-'));
  let results = before;
  try {
    writeTestSets(work);
    for (const row of ROWS) {
      if (names.length > 0 && !names.includes(row.name)) continue;
      const folders = [join(ROOT, 'models', row.name), ...(checkpoints ? [join(checkpoints, row.name)] : [])];
      const folder = folders.find((path) => existsSync(join(path, 'config.json')));
      if (!folder) {
        console.error(`${row.name}: no checkpoint at hand`);
        continue;
      }
      const result = await measure(row, folder, work, before[row.name]);
      console.error(`${row.name}: ${JSON.stringify(result)}`);
      yield (results = { ...results, [row.name]: result });
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

function shippedModels(): Set<string> {
  const models = join(ROOT, 'models');
  return new Set(readdirSync(models).filter((name) => existsSync(join(models, name, 'config.json'))));
}

async function pretty(text: string, path: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
