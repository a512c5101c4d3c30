/** `linnet chat` with a board on a cable, in a real terminal: pulled, plugged in again, reset, frozen. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from './terminal.js';

jest.setTimeout(60_000);

const here = hasPrograms('tmux') && builtBoards('host').length > 0;
const onHost = here ? test : test.skip;

let terminal: Terminal;
let board: HostBoard;
beforeEach(async () => {
  terminal = new Terminal();
  const image = join(terminal.home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
  board = new HostBoard(join(terminal.home, 'ttyBoard'), image);
  await board.plugIn();
});
afterEach(async () => {
  await board.unplug();
  terminal.close();
});

async function chat(...options: string[]): Promise<void> {
  terminal.linnet('chat', '--port', board.port, ...options);
  await terminal.sees(/\n>$/);
}

const LOST = /the port went away while in use; waiting for it to come back, Ctrl-C ends that$/;
const BACK = 'host is back on \\S+; what was said is forgotten';

onHost('a board pulled while nobody asks is found again, and then answers what was asked', async () => {
  await chat('--tokens', '30', '--seed', '7');
  terminal.type('hello', 'Enter');
  const [, answer] = /\n> hello\n([a-z ]{30})\n/.exec(await terminal.sees(/30 tokens[^\n]*\n>$/))!;
  await board.unplug();
  terminal.type('hello', 'Enter');
  await terminal.sees(LOST);
  await board.plugIn();
  await terminal.sees(new RegExp(`${BACK}\\n${answer}\\n30 tokens[^\\n]*\\n>$`));
  terminal.type('C-d');
  await terminal.expectGone();
});

onHost('a board pulled within an answer: what came stays, and it can be asked again', async () => {
  await chat('--tokens', '1000000');
  terminal.type('hello', 'Enter');
  await terminal.sees(/hello\n[a-z ]{80}/);
  await board.unplug();
  await terminal.sees(LOST);
  await board.plugIn();
  await terminal.sees(new RegExp(`${BACK}\\n>$`));
  terminal.type('/tokens 5', 'Enter', 'again', 'Enter');
  await terminal.sees(/\n5 tokens/);
  terminal.type('C-d');
  await terminal.expectGone();
});

onHost('Ctrl-C ends the waiting, and again the chat', async () => {
  await chat();
  await board.unplug();
  terminal.type('hello', 'Enter');
  await terminal.sees(LOST);
  terminal.type('C-c');
  await terminal.sees(/stopped\n>$/);
  terminal.type('C-c');
  await terminal.expectGone();
});

onHost('a board that is reset within an answer, and between two, says what is lost', async () => {
  await chat('--tokens', '1000000', '--seed', '7');
  terminal.type('hello', 'Enter');
  await terminal.sees(/hello\n[a-z ]{80}/);
  board.type('/reset\r');
  await terminal.sees(/the board has forgotten this request: it was reset meanwhile[^\n]*\n>$/);
  terminal.type('/tokens 30', 'Enter', 'hello', 'Enter');
  const [, afresh] = /\n([a-z ]{30})\n30 tokens[^\n]*\n>$/.exec(await terminal.sees(/30 tokens[^\n]*\n>$/))!;
  board.type('/reset\r');
  terminal.type('/stats', 'Enter', 'hello', 'Enter');
  await terminal.sees(new RegExp(`the board has been reset: what was said is forgotten\\n${afresh}\\n30 tokens`));
});

onHost('a board that stands still for a while loses nothing', async () => {
  await chat('--tokens', '20000', '--seed', '7', '--temperature', '0');
  terminal.type('hello', 'Enter');
  await terminal.sees(/hello\n[a-z ]{80}/);
  board.freeze();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  board.thaw();
  await terminal.sees(/\n20000 tokens/);
});

onHost('the lock file of the port is there while it is used, and is gone afterwards', async () => {
  await chat();
  const lock = `/var/lock/LCK..${board.device.replace('/dev/', '').replaceAll('/', '_')}`;
  const writable = existsSync(lock);
  terminal.type('C-d');
  await terminal.expectGone();
  expect(existsSync(lock)).toBe(false);
  if (!writable) console.warn('SKIPPED: no lock files, for /var/lock is not writable');
});
