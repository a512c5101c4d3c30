/** Whom `linnet chat` talks to, and how the conversation goes over to another board or model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chat from '../../src/cli/commands/chat.js';
import flash from '../../src/cli/commands/flash.js';
import { findPorts } from '../../src/link/find-ports.js';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';

// Pseudo-terminals are not in /dev/tty*: the list is the test's, the ports on it are real.
jest.mock('../../src/link/find-ports.js', () => ({ findPorts: jest.fn() }));
const listed = findPorts as jest.MockedFunction<typeof findPorts>;

jest.setTimeout(60_000);

const CLASSIFIER = join(__dirname, '..', 'conformance', 'fasttext.linnet');
const onHost = builtBoards('host').length > 0 ? test : test.skip;

let home: string;
let image: string;
const path = process.env['PATH'];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  image = join(home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
  listed.mockResolvedValue([]);
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(home, { recursive: true, force: true });
});

const linnet = (argv: readonly string[], input = ''): Promise<Run> => runIn([chat, flash], argv, { input });

async function withBoards(seeds: readonly number[], work: (ports: string[]) => Promise<void>): Promise<void> {
  const boards = seeds.map((seed) => {
    writeFileSync(join(home, `${seed}.linnet`), tinyModel(seed));
    return new HostBoard(join(home, `port${seed}`), join(home, `${seed}.linnet`));
  });
  for (const board of boards) await board.plugIn();
  listed.mockResolvedValue(boards.map(({ device }) => ({ path: device })));
  try {
    await work(boards.map(({ device }) => device));
  } finally {
    for (const board of boards) await board.unplug();
  }
}

onHost('the one board that is attached', async () => {
  await withBoards([8], async ([port]) => {
    const { code, out, err } = await linnet(['chat', '--tokens', '5'], 'hello\n');
    expect(code).toBe(0);
    expect(out).toHaveLength(6);
    expect(err).toMatch(new RegExp(`^host \\(firmware \\S+\\) on ${port}\ntiny-8: `));
  });
});

onHost('of several that are attached none, but they are named', async () => {
  await linnet(['flash', 'host', image]);
  await withBoards([8, 9], async ([first, second]) => {
    const { code, err } = await linnet(['chat', '--tokens', '5'], 'hello\n');
    expect(code).toBe(0);
    expect(err).toContain(`attached are host at ${first}, host at ${second}: give --port to talk to one of them`);
    expect(err).toMatch(/^host [^\n]*\ntiny-3: /m);
  });
});

onHost('an emulated board that was flashed, before others that were not', async () => {
  await linnet(['flash', 'host', image]);
  const { code, err } = await linnet(['chat', '--tokens', '5'], 'hello\n');
  expect(code).toBe(0);
  expect(err).toMatch(/^host \(firmware \S+\) on host at \S+\ntiny-3: /);
});

onHost('a board that holds nothing gets a model that comes with Linnet', async () => {
  const { code, out, err } = await linnet(['chat', '--board', 'host', '--tokens', '5'], 'Once upon a time\n');
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(5);
  expect(err).toMatch(/^nothing has been flashed to host yet: it gets \S+gutenberg-lm.linnet\n/);
});

onHost('a board that is not attached says so in one line', async () => {
  const { code, err } = await linnet(['chat', '--board', 'pico2'], '');
  expect(code).toBe(1);
  expect(err).toMatch(/^linnet: no pico2 is attached \(pico2\): plug it in, or give its --port\n$/);
});

onHost('/model puts another model on the board, and the conversation goes on with it', async () => {
  writeFileSync(join(home, 'other.linnet'), tinyModel(5));
  const input = `hello\n/model ${home}/other.linnet\nhello\n/model\n`;
  const { code, out, err } = await linnet(['chat', image, '--board', 'host', '--seed', '7', '--tokens', '30'], input);
  expect(code).toBe(0);
  const [first, second] = out.split('\n');
  expect(second).not.toBe(first);
  const direct = await linnet(
    ['chat', `${home}/other.linnet`, '--board', 'host', '--seed', '7', '--tokens', '30'],
    'hello\n',
  );
  expect(second).toBe(direct.out.trim());
  expect(err).toMatch(/(uploaded|flashed)[^\n]*; what was said is forgotten\nhost [^\n]*\ntiny-5: /);
  expect(err.match(/^tiny-5: /gm)).toHaveLength(2);
});

onHost('/board goes over to another board with the same model', async () => {
  await withBoards([8], async ([port]) => {
    const input = `hello\n/board ${port}\n/board host\nhello\n/board\n`;
    const argv = ['chat', join(home, '8.linnet'), '--board', 'host', '--seed', '7', '--tokens', '30'];
    const { code, out, err } = await linnet(argv, input);
    expect(code).toBe(0);
    const [first, second] = out.split('\n');
    expect(second).toBe(first);
    expect(err).toMatch(new RegExp(`^host \\(firmware \\S+\\) on ${port}\ntiny-8`, 'm'));
    expect(err).toMatch(new RegExp(`^${port} +host  host, holds tiny-8$`, 'm'));
    expect(err).toMatch(/^host +host +can be started$/m);
  });
});

onHost('a classifier labels, says so if it is asked to write, and a language model the other way round', async () => {
  const labels = await linnet(['chat', CLASSIFIER, '--board', 'host'], 'good\n/classify good\n/generate good\n');
  expect(labels.code).toBe(1);
  expect(labels.out).toMatch(/^(\S+ [\d.]+ %)\n\1\n$/);
  expect(labels.err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(labels.err).toMatch(
    /is a classifier: it labels a text and cannot go on from one \(host\): type the text alone/,
  );
  const words = await linnet(['chat', image, '--board', 'host', '--tokens', '5'], '/generate good\n/classify good\n');
  expect(words.code).toBe(1);
  expect(words.out).toHaveLength(6);
  expect(words.err).toMatch(/tiny-3 is a language model: it goes on from a text and cannot label one/);
});

test.each([
  ['/quit now', /takes nothing more \(\/quit\)/],
  ['/board abacus', /unknown board "abacus"/],
  ['/model nowhere.linnet', /nowhere.linnet/],
  ['/constructor', /unknown command "\/constructor"/],
])('%s: one line of error', async (line, message) => {
  if (onHost !== test) return;
  const { code, err } = await linnet(['chat', image, '--board', 'host'], `${line}\n`);
  expect(code).toBeGreaterThan(0);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toMatch(message);
});

onHost('a line that ends in a backslash goes on on the next one, from a pipe too', async () => {
  const answer = async (input: string): Promise<string> =>
    (await linnet(['chat', image, '--board', 'host', '--seed', '7', '--tokens', '30'], input)).out;
  const both = await answer('one\\\ntwo\n');
  expect(both.trim().split('\n')).toHaveLength(1);
  expect(both).not.toBe(await answer('onetwo\n'));
  expect(await answer('one\\\ntwo')).toBe(both);
  expect(await answer('one\\')).toBe(await answer('one'));
});

onHost('a board that is lost while a pipe is answered is one line of error', async () => {
  writeFileSync(join(home, '8.linnet'), tinyModel(8));
  const board = new HostBoard(join(home, 'port'), join(home, '8.linnet'));
  await board.plugIn();
  const running = linnet(['chat', '--port', board.port, '--tokens', '1000000'], 'hello\nagain\n');
  while (board.cpuTicks() < 10) await new Promise((resolve) => setTimeout(resolve, 20)); // it is at work
  await board.unplug();
  const { code, out, err } = await running;
  expect(code).toBe(1);
  expect(out.length).toBeGreaterThan(5);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toContain('the port went away while in use');
});
