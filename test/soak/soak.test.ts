/** A short soak (`npm run soak` is the long one): mixed requests lose nothing and leave nothing behind. */
import { findBoard } from '../../src/boards/registry.js';
import { builtBoards } from '../boards/built-boards.js';
import { useOwnHome } from '../boards/suite/own-home.js';
import { growth, leaks, MOST_GROWTH, type Sample } from './resources.js';
import { soak, type SoakReport } from './soak.js';
import { KINDS, type Kind } from './visit.js';

jest.setTimeout(60_000);

const SECONDS = 20;

useOwnHome();

describe.each(builtBoards('host').map(({ name }) => name))('%s', (name) => {
  let report: SoakReport;
  beforeAll(async () => {
    report = await soak(findBoard(name), { seconds: SECONDS, seed: 1 });
  });

  test('every request is answered, and rightly', () => {
    expect(report.problems).toEqual([]);
    expect(report.answered).toEqual(report.asked);
    expect(report.seconds).toBeGreaterThanOrEqual(SECONDS);
  });

  test('every kind of request was there, and a line that damages bytes', () => {
    const rare: readonly Kind[] = KINDS.filter((kind) => report.asked[kind] === 0);
    expect(rare).toEqual([]);
    expect(report.faultyVisits).toBeGreaterThan(0);
    expect(report.damagedBytes).toBeGreaterThan(0);
  });
});

const flat: Sample = { heap: 1e7, rss: 1e8, files: 30, boardRss: 5e6, boardFiles: 5 };

test('memory that comes and goes is no leak, nor is what is taken at the start', () => {
  const samples = Array.from({ length: 60 }, (_, i) => ({ ...flat, heap: i < 6 ? 0 : 1e7 + (i % 3) * 3e6 }));
  expect(leaks(growth(samples))).toEqual([]);
});

test('what grows all the time is a leak, and one file left open is one', () => {
  const step = MOST_GROWTH.boardRss / 20;
  const samples = Array.from({ length: 60 }, (_, i) => ({
    ...flat,
    boardRss: 5e6 + i * step,
    files: 30 + Math.floor(i / 30),
  }));
  expect(leaks(growth(samples)).map((words) => words.split(' ')[0])).toEqual(['files', 'boardRss']);
});
