/** That the tests of this folder ran on all boards: continuous integration has set everything up, so nothing may miss. */
import { knownBoards } from '../../../src/boards/registry.js';
import { builtBoards, missing } from '../built-boards.js';

const emulated = knownBoards().filter(({ emulator }) => emulator);

test('every board with an emulator runs here, where everything was set up', () => {
  const why = emulated.flatMap((board) => missing(board) ?? []);
  if (why.length > 0 && !process.env['CI']) return; // builtBoards() says loudly what is skipped
  expect(why).toEqual([]);
});

test('some board runs here, and each that does is one of the registry', () => {
  const names = builtBoards().map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(emulated.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});
