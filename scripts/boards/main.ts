/**
 * `npm run boards [boards…]`: measures the emulated boards with every shipped model that fits, writes docs/boards.json
 * and docs/boards.md. `--render` only writes the page anew, `--check` fails if it is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { findBoard, knownBoards, PACKAGE_ROOT } from '../../src/boards/registry.js';
import { fits, measureRate, shippedImages, type Rate, type Rates } from './rates.js';
import { render } from './render.js';

const DATA = join(PACKAGE_ROOT, 'docs', 'boards.json');
const PAGE = join(PACKAGE_ROOT, 'docs', 'boards.md');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { render: { type: 'boolean' }, check: { type: 'boolean' } },
  });
  let rates: Rates = existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as Rates) : {};
  if (!values.render && !values.check)
    for await (const measured of measureAll(rates, positionals)) {
      rates = measured;
      writeFileSync(DATA, JSON.stringify(rates, undefined, 2) + '\n');
    }
  const page = await format(render(knownBoards(), rates), { ...(await resolveConfig(PAGE)), filepath: PAGE });
  if (!values.check) writeFileSync(PAGE, page);
  else if (readFileSync(PAGE, 'utf8') !== page)
    throw new Error('docs/boards.md is out of date: npm run boards -- --render');
}

/** Ticks of the host's are microseconds of this computer: no figure to keep. */
async function* measureAll(before: Rates, names: readonly string[]) {
  const images = await shippedImages();
  const boards = names.length > 0 ? names.map(findBoard) : knownBoards();
  let rates = before;
  for (const board of boards.filter(({ emulator }) => emulator && emulator.kind !== 'process')) {
    const ofBoard: Record<string, Rate> = {};
    for (const image of images.filter((image) => fits(board, image))) {
      ofBoard[image.name] = await measureRate(board, image);
      console.error(`${board.name}, ${image.name}: ${JSON.stringify(ofBoard[image.name])}`);
    }
    yield (rates = { ...rates, [board.name]: ofBoard });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
