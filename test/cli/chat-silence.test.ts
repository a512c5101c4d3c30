/** `linnet chat` with a board that stops answering, and comes back still at work on what nobody waits for any more. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from './terminal.js';

jest.setTimeout(60_000);

const here = hasPrograms('tmux') && builtBoards('host').length > 0;

(here ? test : test.skip)('a silent board is an error, and answers again once it is back', async () => {
  const terminal = new Terminal();
  const image = join(terminal.home, 'tiny.linnet');
  writeFileSync(image, tinyModel(3));
  const board = new HostBoard(join(terminal.home, 'ttyBoard'), image);
  await board.plugIn();
  try {
    terminal.linnet('chat', '--port', board.port, '--tokens', '1000000');
    await terminal.sees(/\n>$/);
    terminal.type('hello', 'Enter');
    await terminal.sees(/hello\n[a-z ]{80}/);
    board.freeze();
    await terminal.sees(/linnet: the board has been silent for 12 s \([^)]*\): check the cable, or reset it\n>$/);
    board.thaw();
    terminal.type('/tokens 10', 'Enter', 'again', 'Enter');
    await terminal.sees(/the board answers again; what was said is forgotten\n[a-z ]{10}\n10 tokens/);
    terminal.type('C-d');
    await terminal.expectGone();
  } finally {
    await board.unplug();
    terminal.close();
  }
});
