/** The file of lines typed before. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History, MOST_LINES } from '../../../src/cli/chat/history.js';

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  path = join(home, 'sub', 'chat-history');
});
afterEach(() => {
  chmodSync(home, 0o700);
  rmSync(home, { recursive: true, force: true });
});

test('lines stay, newest first, each once, for nobody else to read', () => {
  const history = new History(path);
  expect(history.read()).toEqual([]);
  for (const line of ['one', 'two', '  ', 'one', 'drei ü']) history.add(line);
  expect(new History(path).read()).toEqual(['drei ü', 'one', 'two']);
  expect(readFileSync(path, 'utf8')).toBe('two\none\ndrei ü\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(home, 'sub'))).toEqual(['chat-history']);
});

test('two conversations at a time both keep their lines', () => {
  const [a, b] = [new History(path), new History(path)];
  a.add('from a');
  b.add('from b');
  a.add('from a again');
  expect(b.read()).toEqual(['from a again', 'from b', 'from a']);
});

test('the oldest lines go', () => {
  const history = new History(path);
  for (let i = 0; i < MOST_LINES + 5; i++) history.add(`line ${i}`);
  const lines = history.read();
  expect(lines).toHaveLength(MOST_LINES);
  expect(lines[0]).toBe(`line ${MOST_LINES + 4}`);
  expect(lines.at(-1)).toBe('line 5');
});

test('a file that cannot be read or written stops nobody and leaves nothing', () => {
  mkdirSync(path, { recursive: true }); // a folder where the file should be
  const history = new History(path);
  history.add('line');
  expect(history.read()).toEqual([]);
  expect(readdirSync(join(home, 'sub'))).toEqual(['chat-history']);
  expect(existsSync(path)).toBe(true);
});
