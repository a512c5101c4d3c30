/** Flashing an emulated board, killed at any moment: the board holds one model or the other, whole, and takes the next. */
import { isModel } from '../../../src/boards/board-image.js';
import { bootEmulated } from '../../../src/boards/emulated-board.js';
import { findBoard } from '../../../src/boards/registry.js';
import { builtBoards } from '../../boards/built-boards.js';
import { useOwnHome } from '../../boards/suite/own-home.js';
import { linnet } from '../child.js';
import { after, durationOf, kill, moments, startLinnet, strayFiles } from './killing.js';
import { generatedIds, idsOf, testModel, type TestModel } from './models.js';

jest.setTimeout(180_000); // a dozen programs, one after another, on a machine that may be busy

const KILLS = 3;
const home = useOwnHome();
let models: TestModel[];
beforeAll(async () => {
  models = [await testModel(home(), 3), await testModel(home(), 4)];
});

describe.each(builtBoards('host', 'netduinoplus2', 'pico').map(({ name }) => name))('%s', (name) => {
  test(`killed ${KILLS} times while it is flashed`, async () => {
    const [old, fresh] = models as [TestModel, TestModel];
    const duration = await durationOf('flash', name, old.path);
    const codes: unknown[] = [];
    for (const moment of moments(KILLS, duration, 5)) {
      const run = startLinnet('flash', name, fresh.path);
      await after(moment);
      codes.push((await kill(run)).code);

      const board = await bootEmulated(findBoard(name));
      const holds = models.find(({ image }) => isModel(board.info.sha256, image.bytes));
      const said = await idsOf(board);
      await board.close();
      expect({ moment, said }).toEqual({ moment, said: holds!.ids });
      expect((await linnet(['flash', name, old.path])).code).toBe(0);
      expect(strayFiles(home(), name)).toEqual([]);
    }
    expect(codes).toContain('SIGKILL'); // or nothing was tried
    expect(await generatedIds(fresh, '--board', name)).toEqual(fresh.ids);
  });
});
