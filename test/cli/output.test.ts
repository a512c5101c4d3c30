/** Tables, progress and text made safe for a terminal. */
import { Writable } from 'node:stream';
import type { Io } from '../../src/cli/command.js';
import { createIo } from '../../src/cli/io.js';
import { printable } from '../../src/cli/printable.js';
import { startProgress } from '../../src/cli/progress.js';
import { renderTable, thousands } from '../../src/cli/table.js';

function sink(isTTY: boolean): { io: Io; text: () => string } {
  let text = '';
  const stream = Object.assign(
    new Writable({ write: (chunk: Buffer, _, done) => ((text += chunk.toString()), done()) }),
    { isTTY, columns: 80 },
  );
  const io = createIo({ out: stream, err: stream, input: process.stdin, signal: new AbortController().signal }, false);
  return { io, text: () => text };
}

test('a table has its first column to the left and the others to the right', () => {
  expect(
    renderTable(
      ['layer', 'bytes'],
      [
        ['encoder', 1200],
        ['a', undefined],
      ],
    ),
  ).toBe('layer    bytes\nencoder   1200\na');
});

test('thousands are grouped', () => {
  expect([0, 999, 1000, 1234567].map(thousands)).toEqual(['0', '999', '1,000', '1,234,567']);
});

test('control characters cannot reach a terminal, newlines and tabs can', () => {
  expect(printable('a\tb\n\u001b[31mred\u0007\u009b2J ☃')).toBe('a\tb\n\ufffd[31mred\ufffd\ufffd2J ☃');
});

test('without a terminal progress is a line at each quarter, at most one a second', () => {
  const run = (msEachStep: number): string => {
    const { io, text } = sink(false);
    let clock = 0;
    const progress = startProgress(io, 'counting', () => clock);
    for (let i = 0; i <= 100; i++, clock += msEachStep) progress.update(i, 100);
    progress.stop();
    return text();
  };
  const lines = (...percents: number[]): string => percents.map((n) => `counting: ${n} %\n`).join('');
  expect(run(100)).toBe(lines(0, 25, 50, 75, 100));
  expect(run(15)).toBe(lines(0, 50));
  expect(run(1)).toBe(lines(0));
});

test('on a terminal progress is a bar that goes away and gives the cursor back', () => {
  const { io, text } = sink(true);
  const progress = startProgress(io, 'counting');
  progress.update(1, 4);
  progress.stop();
  expect(text()).toContain('counting');
  expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'));
});

test('a bar that never started can be stopped', () => {
  const { io } = sink(true);
  startProgress(io, 'x').stop();
});
