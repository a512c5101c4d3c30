/** `linnet chat` in a real terminal (tmux): streaming, Ctrl-C, and the terminal as it was afterwards. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.warn('SKIPPED: terminal tests, for tmux is not installed');
const boards = builtBoards().map(({ name }) => name);

let home: string;
let server: string;
let image: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  server = join(home, 'tmux');
  image = join(home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
  tmux('new-session', '-d', '-x', '100', '-y', '40', 'env', 'PS1=READY ', `LINNET_HOME=${home}`, 'bash', '--norc');
});
afterEach(() => {
  tmux('kill-server');
  rmSync(home, { recursive: true, force: true });
});

function tmux(...args: string[]): string {
  return execFileSync('tmux', ['-S', server, '-f', '/dev/null', ...args], { cwd: ROOT, encoding: 'utf8' });
}

const type = (...keys: string[]): string => tmux('send-keys', ...keys);
const screen = (): string => tmux('capture-pane', '-p', '-J', '-S', '-').trimEnd();

async function sees(pattern: RegExp): Promise<string> {
  for (let i = 0; i < 300; i++) {
    if (pattern.test(screen())) return screen();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never saw ${pattern} in\n${screen()}`);
}

/** Processes that carry this test's environment, but for the terminal itself. */
function leftOver(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return environment.includes(`LINNET_HOME=${home}`) && !/^bash|^env|^tmux/.test(command) ? [command] : [];
      } catch {
        return []; // gone meanwhile
      }
    });
}

async function chat(board: string, ...options: string[]): Promise<void> {
  const program = `${process.execPath} --import tsx src/cli/main.ts chat ${image} --board ${board} ${options.join(' ')}`;
  type(`stty -a > ${home}/before; ${program}; echo exit=$?; stty -a > ${home}/after`, 'Enter');
  await sees(/\n> $|\n>$/);
}

async function expectGone(): Promise<void> {
  await sees(/exit=0\s+READY/);
  expect(readFileSync(join(home, 'after'), 'utf8')).toBe(readFileSync(join(home, 'before'), 'utf8'));
  expect(leftOver()).toEqual([]);
}

(hasTmux ? describe : describe.skip).each(boards)('on %s', (board) => {
  test('answers, shows the prompt again, and Ctrl-D ends it', async () => {
    await chat(board, '--tokens', '60', '--seed', '7');
    type('hello', 'Enter');
    const seen = await sees(/60 tokens, \d+ tokens\/s, first after \d+ ms, seed 7\n>/);
    expect(seen).toMatch(/\n> hello\n[a-z ]{60}\n/);
    type('C-d');
    await expectGone();
  });

  test('Ctrl-C stops an answer on the board too, and ends the chat at the prompt', async () => {
    await chat(board, '--tokens', '1000000');
    type('hello', 'Enter');
    await sees(/hello\n[a-z ]{80}/);
    expect(leftOver().length).toBeGreaterThan(1);
    type('typed meanwhile');
    type('C-c');
    await sees(/\nstopped\n> typed meanwhile$/);
    type('C-u', '/tokens 5', 'Enter');
    await sees(/tokens 5\n>$/);
    type('again', 'Enter'); // the board is free: it answers at once
    await sees(/> again\n[a-z ]{5}\n5 tokens/);
    type('C-c');
    await expectGone();
  });
});

test('arrow up brings back the last line', async () => {
  if (!boards.includes('host')) return;
  await chat('host', '--tokens', '20', '--seed', '3');
  type('hello', 'Enter');
  await sees(/20 tokens[^\n]*\n>$/);
  type('Up');
  await sees(/\n> hello$/);
  type('C-u', '/quit', 'Enter');
  await expectGone();
});

test('an error in the middle is one line, and the conversation goes on', async () => {
  if (!boards.includes('host')) return;
  await chat('host', '--tokens', '5');
  type('/nonsense', 'Enter');
  await sees(/linnet: unknown command "\/nonsense" \(chat\): \/help lists them\n>$/);
  type('/quit', 'Enter');
  await expectGone();
});
