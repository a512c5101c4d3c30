/** What answers after flashing: the right board with the right model, or an error that says what it is. */
import { createHash } from 'node:crypto';
import { flashImage } from '../../src/boards/flash-image.js';
import { firmwareBytes } from '../../src/boards/firmware-files.js';
import { findBoard } from '../../src/boards/registry.js';
import { helloAfterFlash } from '../../src/flash/hello.js';
import { findProgram } from '../../src/boards/find-program.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { board, Chip } from './chip.js';
import { failure } from './failure.js';

const sha256 = (image: Uint8Array): string => createHash('sha256').update(image).digest('hex');
const model = tinyModel(5);
let chip: Chip | undefined;

beforeAll(async () => {
  if (builtBoards('netduinoplus2').length === 0) return;
  if ((await findProgram('socat')) === undefined) return console.warn('SKIPPED: socat is not installed');
  const flash = new Uint8Array(board.flash.bytes).fill(0xff);
  flash.set(flashImage(board, await firmwareBytes(board), model));
  chip = await Chip.attach({ flash });
  chip.boot();
});
afterAll(() => chip?.close());

test('the board that was flashed says who it is', async () => {
  if (!chip) return;
  const { port, facts } = await helloAfterFlash(board, sha256(model), { port: chip.port, patienceMs: 5000 });
  expect(port).toBe(chip.port);
  expect(facts).toMatchObject({ board: 'netduinoplus2', model: { name: 'tiny-5' } });
});

test('another model than was flashed is an error that names it', async () => {
  if (!chip) return;
  const error = await failure(helloAfterFlash(board, sha256(tinyModel(4)), { port: chip.port, patienceMs: 5000 }));
  expect(error).toMatchObject({ code: 'flash_failed', what: 'the board runs tiny-5, not the model that was flashed' });
});

test('another board than was flashed is an error that names it', async () => {
  if (!chip) return;
  const error = await failure(helloAfterFlash(findBoard('host'), sha256(model), { port: chip.port, patienceMs: 5000 }));
  expect(error).toMatchObject({
    code: 'wrong_board',
    what: expect.stringContaining('is a netduinoplus2, not the host'),
  });
});

test('no answer is told with the pins to look at, and where it was asked', async () => {
  // Whatever is attached to this computer, it is no board of this name.
  const nobody = { ...board, name: 'no-such-board' };
  const error = await failure(helloAfterFlash(nobody, sha256(model), { patienceMs: 0 }));
  expect(error).toMatchObject({ code: 'no_answer', where: 'serial ports' });
  expect(error.message).toMatch(/is flashed, but nothing answers on any serial port.*PB6/);
});

test('a port that is not there is what it is called, not a silent board', async () => {
  const error = await failure(helloAfterFlash(board, sha256(model), { port: '/dev/ttyNONESUCH7', patienceMs: 0 }));
  expect(error).toMatchObject({ code: 'no_such_port' });
});
