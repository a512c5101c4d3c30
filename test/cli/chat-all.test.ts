/** `linnet chat --board all`: the same to every board, and whether they agree. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chat from '../../src/cli/commands/chat.js';
import { load } from '../../src/engine/load.js';
import { findPorts, type FoundPort } from '../../src/link/find-ports.js';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';
import { hasPrograms, Terminal } from './terminal.js';

// Pseudo-terminals are not in /dev/tty*: the list is the test's, the ports on it are real.
jest.mock('../../src/link/find-ports.js', () => ({ findPorts: jest.fn() }));
const listed = findPorts as jest.MockedFunction<typeof findPorts>;

jest.setTimeout(60_000);

const here = builtBoards('host', 'pico').length === 2;
const onBoth = here ? test : test.skip;

let home: string;
let image: string;
const path = process.env['PATH'];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  process.env['PATH'] = home; // no QEMU: pico, the host board and what is attached
  image = join(home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
  listed.mockResolvedValue([]);
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(home, { recursive: true, force: true });
});

const all = (argv: readonly string[], input: string): Promise<Run> =>
  runIn([chat], ['chat', '--board', 'all', ...argv], { input });

async function native(prompt: string, maxTokens: number): Promise<{ text: string; ids: number[] }> {
  const model = await load(image);
  const answer = { text: '', ids: [] as number[] };
  for await (const { id, text } of model.generate(prompt, { maxTokens, seed: 7 })) {
    answer.ids.push(id);
    answer.text += text;
  }
  await model.close();
  return answer;
}

onBoth('a block a board, in their order, then whether they agree', async () => {
  const { code, out, err } = await all([image, '--seed', '7', '--tokens', '20'], 'hello\n/reset\nhello\n');
  const { text } = await native('hello', 20);
  expect(code).toBe(0);
  const block = (board: string): string => `${board}:\n${text}\n\\(20 tokens, [\\d.]+ tokens/s\\)\n\n`;
  const answer = `${block('pico')}${block('host')}all 2 boards agree token for token \\(20\\)\n`;
  expect(out).toMatch(new RegExp(`^${answer}${answer}$`));
  expect(err).toMatch(/^without netduinoplus2: qemu-system-arm is not installed$/m);
  expect(err).toMatch(/^2 boards with tiny-3$/m);
});

onBoth('--json: an object a board with its tokens, and one that says whether they agree', async () => {
  const { code, out } = await all([image, '--seed', '7', '--tokens', '20', '--json'], 'hello\n');
  expect(code).toBe(0);
  const { text, ids } = await native('hello', 20);
  const lines = out.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'answer', board: 'pico', text, tokens: ids, rate: expect.any(Number) },
    { type: 'answer', board: 'host', text, tokens: ids, rate: expect.any(Number) },
    { type: 'agreement', agree: true, line: 'all 2 boards agree token for token (20)' },
  ]);
});

onBoth('boards without room are named, and one that is attached takes part if it holds the model', async () => {
  writeFileSync(image, tinyModel(3, 3_000_000));
  writeFileSync(join(home, 'other.linnet'), tinyModel(4));
  const same = new HostBoard(join(home, 'same'), image);
  const other = new HostBoard(join(home, 'other'), join(home, 'other.linnet'));
  for (const board of [same, other]) await board.plugIn();
  listed.mockResolvedValue([same, other].map(({ device }): FoundPort => ({ path: device })));
  const { code, out, err } = await all([image, '--tokens', '20'], 'hello\n');
  for (const board of [same, other]) await board.unplug();
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^host:\n[^]*\n\nhost at ${same.device}:\n`));
  expect(out).toMatch(/\nall 2 boards agree token for token \(20\)\n$/);
  expect(err).toMatch(/^without .*\bpico\b.*: no room for this model$/m);
  expect(err).toContain(`without host at ${other.device}: it holds another model (tiny-4)`);
});

onBoth('a board that is lost within an answer does not stop the others', async () => {
  writeFileSync(image, tinyModel(3, 3_000_000));
  const pulled = new HostBoard(join(home, 'pulled'), image);
  await pulled.plugIn();
  listed.mockResolvedValue([{ path: pulled.device }]);
  const running = all([image, '--tokens', '60000', '--temperature', '0'], 'hello\n');
  while (pulled.cpuTicks() < 10) await new Promise((resolve) => setTimeout(resolve, 20)); // it is at work
  await pulled.unplug();
  const { code, out } = await running;
  expect(code).toBe(0);
  expect(out).toMatch(/\(60000 tokens, [\d.]+ tokens\/s\)\n/);
  expect(out).toMatch(/\n\(the port went away while in use\)\n/);
  expect(out).toMatch(/\nonly host answered; no answer from host at \S+\n$/);
});

onBoth('a bad line from a pipe ends with one line of error', async () => {
  const { code, err } = await all([image], '/board pico\n');
  expect(code).toBe(2);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toContain('unknown command "/board"');
});

onBoth('if no board starts, each says why and that is the end', async () => {
  process.env['LINNET_HOME'] = '/proc/nowhere'; // there is no place for their flash
  const { code, out, err } = await all([image], 'hello\n');
  expect(code).toBe(1);
  expect(out).toBe('');
  for (const board of ['pico', 'host']) expect(err).toContain(`without ${board}: cannot write the flash of ${board}`);
  expect(err.split('\n').at(-2)).toMatch(/no board can run this model here/);
});

(here && hasPrograms('tmux') ? test : test.skip)('in a terminal the answers grow side by side', async () => {
  process.env['PATH'] = path;
  const terminal = new Terminal(90, 30);
  try {
    const tiny = join(terminal.home, 'tiny.linnet');
    writeFileSync(tiny, tinyModel(3));
    terminal.linnet('PATH=/nowhere', 'chat', '--board', 'all', tiny, '--seed', '7', '--tokens', '100');
    await terminal.sees(/\n> ?$/);
    terminal.type('hello', 'Enter');
    const seen = await terminal.sees(
      /\n100 tokens, [\d.]+ tokens\/s +│ 100 tokens[^\n]*\nall 2 boards agree[^\n]*\n> ?$/,
    );
    const rows = seen.split('\n').flatMap((line) => (/^[a-z ]+ │ [a-z ]+$/.test(line) ? [line.split('│')] : []));
    expect(rows.length).toBeGreaterThanOrEqual(4); // the title, and 100 letters in columns of 43
    for (const [left, right] of rows.slice(1)) expect(left!.trim()).toBe(right!.trim());
    expect(seen.match(/pico +│ host/g)).toHaveLength(1); // drawn over, not below each other
    terminal.type('/tokens 1000000', 'Enter', 'hello', 'Enter');
    await terminal.sees(/\n… +│ …\n/);
    terminal.type('C-c'); // stops them all
    await terminal.sees(/\nstopped +│ stopped\nstopped\n> ?$/);
    terminal.type('C-d');
    await terminal.expectGone();
  } finally {
    terminal.close();
  }
});
