/** `linnet chat` in a real terminal (tmux): streaming, Ctrl-C, and the terminal as it was afterwards. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from './terminal.js';

jest.setTimeout(60_000);

const here = hasPrograms('tmux');
const boards = builtBoards('host', 'netduinoplus2').map(({ name }) => name);
const onHost = here && boards.includes('host') ? test : test.skip;

let terminal: Terminal;
let image: string;
beforeEach(() => {
  terminal = new Terminal();
  image = join(terminal.home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
});
afterEach(() => terminal.close());

async function chat(board: string, ...options: string[]): Promise<void> {
  terminal.linnet('chat', image, '--board', board, ...options);
  await terminal.sees(/\n> $|\n>$/);
}

(here ? describe : describe.skip).each(boards)('on %s', (board) => {
  test('answers, shows the prompt again, and Ctrl-D ends it', async () => {
    await chat(board, '--tokens', '60', '--seed', '7');
    terminal.type('hello', 'Enter');
    const seen = await terminal.sees(/60 tokens, \d+ tokens\/s, first after \d+ ms, seed 7\n>/);
    expect(seen).toMatch(/\n> hello\n[a-z ]{60}\n/);
    terminal.type('C-d');
    await terminal.expectGone();
  });

  test('Ctrl-C stops an answer on the board too, and ends the chat at the prompt', async () => {
    await chat(board, '--tokens', '1000000');
    terminal.type('hello', 'Enter');
    await terminal.sees(/hello\n[a-z ]{80}/);
    expect(terminal.processes().length).toBeGreaterThan(1);
    terminal.type('typed meanwhile');
    terminal.type('C-c');
    await terminal.sees(/\nstopped\n> typed meanwhile$/);
    terminal.type('C-u', '/tokens 5', 'Enter');
    await terminal.sees(/tokens 5\n>$/);
    terminal.type('again', 'Enter'); // the board is free: it answers at once
    await terminal.sees(/> again\n[a-z ]{5}\n5 tokens/);
    terminal.type('C-c');
    await terminal.expectGone();
  });
});

onHost('an error in the middle is one line, and the conversation goes on', async () => {
  await chat('host', '--tokens', '5');
  terminal.type('/nonsense', 'Enter');
  await terminal.sees(/linnet: unknown command "\/nonsense" \(chat\): \/help lists them\n>$/);
  terminal.type('/quit', 'Enter');
  await terminal.expectGone();
});

(here && boards.length === 2 ? test : test.skip)('/model and /board: another model, another board', async () => {
  writeFileSync(join(terminal.home, 'other.linnet'), tinyModel(5));
  await chat('host', '--tokens', '30', '--seed', '7');
  terminal.type(`/model ${terminal.home}/other.linnet`, 'Enter');
  await terminal.sees(/what was said is forgotten\nhost [^\n]*\ntiny-5: [^\n]*\n>$/);
  terminal.type('hello', 'Enter');
  const onHostBoard = /\n([a-z ]{30})\n30 tokens/.exec(await terminal.sees(/30 tokens[^\n]*\n>$/))![1]!;
  terminal.type('/board', 'Enter');
  await terminal.sees(/now: host[^]*\nnetduinoplus2 +Cortex-M4 +can be started\n/);
  terminal.type('/board netduinoplus2', 'Enter');
  await terminal.sees(/netduinoplus2 \(firmware[^\n]*\ntiny-5: [^\n]*\n>$/);
  terminal.type('hello', 'Enter');
  await terminal.sees(new RegExp(`tiny-5[^\n]*\\n> hello\\n${onHostBoard}\\n30 tokens`));
  terminal.type('/board abacus', 'Enter');
  await terminal.sees(/unknown board "abacus"/);
  terminal.type('/board pico2', 'Enter'); // needs the part
  await terminal.sees(/no pico2 is attached/);
  terminal.type('/classify hello', 'Enter');
  await terminal.sees(/tiny-5 is a language model: it goes on from a text and cannot label one/);
  terminal.type('C-d');
  await terminal.expectGone();
});

(here && boards.length === 2 ? test : test.skip)(
  'an emulator that is ended is started again, and answers',
  async () => {
    await chat('netduinoplus2', '--tokens', '30', '--seed', '7');
    terminal.type('hello', 'Enter');
    const [, answer] = /\n([a-z ]{30})\n30 tokens/.exec(await terminal.sees(/30 tokens[^\n]*\n>$/))!;
    const [emulator] = terminal.processes(/^qemu-system-arm /);
    process.kill(emulator!.pid, 'SIGKILL');
    terminal.type('hello', 'Enter');
    const back = 'netduinoplus2 is back on netduinoplus2 at \\S+; what was said is forgotten';
    await terminal.sees(new RegExp(`starting it again\\n${back}\\n${answer}\\n30 tokens[^\\n]*\\n>$`));
    terminal.type('C-d');
    await terminal.expectGone();
  },
);
