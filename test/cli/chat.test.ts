/** `linnet chat` and `flash` run in this process, with input from a pipe, on boards that really run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chat from '../../src/cli/commands/chat.js';
import flash from '../../src/cli/commands/flash.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';

jest.setTimeout(30_000);

let home: string;
let image: string;
const path = process.env['PATH'];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  image = join(home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(home, { recursive: true, force: true });
});

const linnet = (argv: readonly string[], input = ''): Promise<Run> => runIn([chat, flash], argv, { input });

interface Line {
  readonly type: string;
  readonly text: string;
  readonly tokens: number;
}
const jsonLines = (out: string): Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe.each(
  builtBoards('host', 'netduinoplus2', 'pico').map(({ name, image: { memory } }) => [name, memory] as const),
)('on %s', (board, memory) => {
  test('flash tells what the board holds, and chat then runs it', async () => {
    const flashed = await linnet(['flash', board, image]);
    expect(flashed).toMatchObject({ code: 0, err: '' });
    expect(flashed.out).toContain(`holds tiny-3: 16,192 bytes of ${memory}, `);
    const { code, out, err } = await linnet(['chat', '--board', board, '--seed', '7', '--tokens', '40'], 'hello\n');
    expect(code).toBe(0);
    expect(out).toMatch(/^[a-z ]{40}\n$/);
    expect(err).toMatch(/40 tokens, \d+ tokens\/s, first after \d+ ms, seed 7/);
  });

  test('chat flashes the image it is given, answers line by line and ends with its input', async () => {
    const argv = ['chat', image, '--board', board, '--seed', '7', '--tokens', '30', '--json'];
    const { code, out } = await linnet(argv, 'hello\n\n/reset\nhello\n/seed 8\n/reset\nhello\nand on');
    expect(code).toBe(0);
    const done = jsonLines(out).filter(({ type }) => type === 'done');
    expect(done.map(({ tokens }) => tokens)).toEqual([30, 30, 30, 30]);
    expect(done[1]!.text).toBe(done[0]!.text);
    expect(done[2]!.text).not.toBe(done[0]!.text);
    const tokens = jsonLines(out).filter(({ type }) => type === 'token');
    expect(tokens.map(({ text }) => text).join('')).toBe(done.map(({ text }) => text).join(''));
  });

  test('an answer goes on from what was said before', async () => {
    const argv = ['chat', image, '--board', board, '--temperature', '0', '--tokens', '20', '--json'];
    const texts = async (input: string): Promise<string[]> =>
      jsonLines((await linnet(argv, input)).out)
        .filter(({ type }) => type === 'done')
        .map(({ text }) => text);
    const [first, second] = await texts('one\ntwo\n');
    const [again, fresh] = await texts('one\n/reset\ntwo\n');
    expect(again).toBe(first);
    expect(fresh).not.toBe(second);
  });
});

test('slash commands: help, settings, stats', async () => {
  if (builtBoards('host').length === 0) return;
  const input = '/help\n/temp 0.5\n/temp\n/topk 3\n/tokens 5\n/seed random\nhello\n/stats\n/quit\nnever said\n';
  const { code, out, err } = await linnet(['chat', image, '--board', 'host'], input);
  expect(code).toBe(0);
  expect(out).toHaveLength(6);
  for (const name of ['/seed', '/temp', '/topk', '/tokens', '/stats', '/reset', '/quit']) expect(err).toContain(name);
  expect(err.match(/^temp 0.5$/gm)).toHaveLength(2);
  expect(err).toMatch(/^topk 3$/m);
  expect(err).toMatch(/^seed random$/m);
  expect(err).toMatch(/5 tokens in \d+ requests/);
  expect(err).toMatch(/echo in [\d.]+ ms, 0 \+ 0 damaged frames/);
});

test.each([
  ['/foo', /unknown command "\/foo" \(chat\): \/help lists them/],
  ['/temp hot', /"hot" is not a number.*\(\/temp\)/],
  ['/topk 500', /from 0 to 128 \(\/topk\)/],
  ['x'.repeat(2000), /text takes 2016 bytes.*shorten it/],
])('a bad line from a pipe (%#) ends with one line of error', async (line, message) => {
  if (builtBoards('host').length === 0) return;
  const { code, err } = await linnet(['chat', image, '--board', 'host'], `${line}\n`);
  expect(code).toBeGreaterThan(0);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toMatch(message);
});

test('without QEMU the next board that needs none runs instead, and says so', async () => {
  const [instead] = builtBoards('pico', 'host');
  if (!instead) return;
  process.env['PATH'] = home;
  const { code, out, err } = await linnet(['chat', image, '--tokens', '5'], 'hello\n');
  expect(code).toBe(0);
  expect(out).toHaveLength(6);
  expect(err).toContain(
    `qemu-system-arm is not installed, so the "${instead.name}" board runs instead of netduinoplus2`,
  );
});

const big = (): string => {
  const file = join(home, 'big.linnet');
  writeFileSync(file, tinyModel(3, 1_000_000));
  return file;
};

test.each<[string, () => string[], RegExp]>([
  [
    'unknown board',
    () => ['chat', image, '--board', 'abacus'],
    /unknown board "abacus".*choose one of .*host, .*netduinoplus2/,
  ],
  ['unknown board to flash', () => ['flash', 'abacus', image], /unknown board "abacus"/],
  ['no such port', () => ['chat', '--port', '/dev/ttyNONESUCH7'], /no such port \(\/dev\/ttyNONESUCH7\)/],
  ['a file for a port', () => ['chat', '--port', image], /not a serial port/],
  ['all boards at one port', () => ['chat', '--board', 'all', '--port', 'x'], /--board and --port exclude each other/],
  ['no such image', () => ['chat', `${image}x`], /no such file/],
  ['a folder for an image', () => ['flash', 'host', home], /not a regular file/],
  ['no image at all', () => ['flash', 'host', '/dev/null'], /not a regular file/],
  [
    'too big',
    () => ['flash', 'netduinoplus2', big()],
    /takes 1016\d\d\d bytes of flash and there are 983040: \d+ too many/,
  ],
  ['a real board', () => ['flash', 'netduinoplus2', image, '--port', '/dev/ttyNONESUCH7'], /no such port/],
])('%s: one line of error', async (_title, argv, message) => {
  if (builtBoards('host', 'netduinoplus2').length < 2) return;
  const { code, out, err } = await linnet(argv());
  expect(code).toBeGreaterThan(0);
  expect(out).toBe('');
  expect(err).toMatch(ONE_LINE);
  expect(err).toMatch(message);
});
