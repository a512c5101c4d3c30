/** What can be typed into `linnet chat` in a real terminal (tmux): history, several lines, colours. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from './terminal.js';

jest.setTimeout(60_000);

const here = hasPrograms('tmux');
const onHost = here && builtBoards('host').length > 0 ? test : test.skip;

let terminal: Terminal;
let image: string;
beforeEach(() => {
  terminal = new Terminal();
  image = join(terminal.home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
});
afterEach(() => terminal.close());

async function chat(...options: string[]): Promise<void> {
  terminal.linnet('chat', image, '--board', 'host', ...options);
  await terminal.sees(/\n> $|\n>$/);
}

onHost('arrow up brings back the last line', async () => {
  await chat('--tokens', '20', '--seed', '3');
  terminal.type('hello', 'Enter');
  await terminal.sees(/20 tokens[^\n]*\n>$/);
  terminal.type('Up');
  await terminal.sees(/\n> hello$/);
  terminal.type('C-u', '/quit', 'Enter');
  await terminal.expectGone();
});

onHost('what was typed in an earlier chat is there again', async () => {
  await chat('--tokens', '5');
  terminal.type('an earlier line', 'Enter');
  await terminal.sees(/5 tokens[^\n]*\n>$/);
  terminal.type('/quit', 'Enter');
  await terminal.expectGone();
  terminal.type('clear', 'Enter');
  await chat('--tokens', '5');
  terminal.type('Up', 'Up');
  await terminal.sees(/\n> an earlier line$/);
  terminal.type('C-c'); // takes the line back
  await terminal.sees(/\n>$/);
  terminal.type('C-c'); // and then ends
  await terminal.expectGone();
});

onHost('a text of several lines: with a backslash, or pasted', async () => {
  const answer = async (): Promise<string> =>
    /\n([a-z ]{40})\n40 tokens[^\n]*\n>$/.exec(await terminal.sees(/40 tokens[^\n]*\n>$/))![1]!;
  await chat('--tokens', '40', '--seed', '7');
  terminal.type('first', 'Space', 'line\\', 'Enter');
  await terminal.sees(/\n> first line\\\n…$/);
  terminal.type('second', 'Enter');
  const typed = await answer();
  terminal.type('/reset', 'Enter');
  await terminal.sees(/starting afresh\n>$/);
  terminal.paste('first line\nsecond');
  await terminal.sees(/\n> first line\n… second$/);
  terminal.type('Enter');
  expect(await answer()).toBe(typed);
  terminal.type('C-d');
  await terminal.expectGone();
});

onHost('colours only where they are wanted', async () => {
  await chat('--tokens', '5');
  expect(terminal.screen(true)).toContain('\x1b[32m>');
  terminal.type('C-d');
  await terminal.expectGone();
  terminal.type('clear; export NO_COLOR=1', 'Enter');
  await chat('--tokens', '5');
  expect(terminal.screen(true).split('NO_COLOR=1').at(-1)).not.toContain('\x1b[');
});
