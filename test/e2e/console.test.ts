/** The board's console from the terminal programs people have: what is typed, what is seen, and the ends of lines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { flashEmulated, type FlashFile } from '../../src/boards/emulated-flash.js';
import { findBoard } from '../../src/boards/registry.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from '../cli/terminal.js';

jest.setTimeout(60_000);

/** How each is started, what it shows once it is connected, and the keys that end it. minicom wraps no lines unasked. */
const PROGRAMS = [
  { program: 'tio', command: 'tio', connected: /Connected/, quit: ['C-t', 'q'] },
  { program: 'picocom', command: 'picocom -b 115200', connected: /Terminal ready/, quit: ['C-a', 'C-x'] },
  { program: 'minicom', command: 'minicom -w -b 115200 -D', connected: /Press CTRL-A Z/, quit: ['C-a', 'x', 'Enter'] },
];
const boards = builtBoards('host', 'netduinoplus2').map(({ name }) => name);
/** The line is the same with any of them: on the emulated board the first will do. */
const programsOn = (board: string): typeof PROGRAMS => (board === 'host' ? PROGRAMS : PROGRAMS.slice(0, 1));

let home: string;
let terminal: Terminal;
let flash: FlashFile;
let emulator: RunningEmulator;

async function connect(board: string, { command, connected }: (typeof PROGRAMS)[number]): Promise<void> {
  emulator = await startEmulator(findBoard(board), flash.path);
  terminal.type(`${command} ${emulator.port}`, 'Enter');
  await terminal.sees(connected);
  terminal.type('Enter');
  await terminal.sees(/^> ?$/m);
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  terminal = new Terminal(90, 30);
});
afterEach(async () => {
  terminal.close();
  await emulator.stop();
  await flash.release();
  rmSync(home, { recursive: true, force: true });
});

/** Lines between the `count`th prompt with this line typed at it and the prompt after it. */
async function answerTo(line: string, count = 1): Promise<string[]> {
  return terminal.finds(`an answer to ${line}`, (screen) => {
    const lines = screen.split('\n').map((text) => text.trimEnd());
    const typed = lines.flatMap((text, i) => (text === `> ${line}` ? [i] : []));
    const start = typed[count - 1];
    const end = start === undefined ? -1 : lines.indexOf('>', start + 1);
    return end < 0 ? undefined : lines.slice(start! + 1, end);
  });
}

describe.each(boards)('the console of %s', (board) => {
  beforeEach(async () => {
    flash = await flashEmulated(findBoard(board), tinyModel(3));
  });

  describe.each(programsOn(board).map((program) => [program.program, program] as const))('in %s', (name, program) => {
    (hasPrograms('tmux', name) ? test : test.skip)('answers a line, and its lines begin at the left', async () => {
      await connect(board, program);
      terminal.type('/tokens 40', 'Enter');
      expect(await answerTo('/tokens 40')).toEqual([]);
      terminal.type('hello', 'Enter');
      const answer = await answerTo('hello');
      expect(answer.join('')).toMatch(/^hello[a-z ]{40}$/);

      terminal.type('helpo', 'BSpace', 'BSpace', 'lo', 'Enter'); // the same line
      expect(await answerTo('hello', 2)).toEqual(answer);
      terminal.type('/help', 'Enter');
      const help = await answerTo('/help');
      expect(help.length).toBeGreaterThan(5);
      for (const line of help) expect(line).toMatch(/^(\/\w+ |type a line)/);
      terminal.type('/info', 'Enter');
      expect((await answerTo('/info'))[0]).toMatch(new RegExp(`^board ${board}, firmware`));

      terminal.type('/tokens 1000000', 'Enter', 'hello', 'Enter');
      await terminal.sees(/[a-z ]{80}/); // what was typed may have gone by, so fast it is
      terminal.type('C-c'); // stops the answer, not the program
      await terminal.sees(/\^C\s*\n> ?$/m);
      terminal.type(...program.quit);
      await terminal.sees(/READY ?$/m);
    });
  });
});
