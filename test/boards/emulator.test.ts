/** Starting emulators: what can be missing, and the flash that stays. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { boardImage } from '../../src/boards/board-image.js';
import { bootEmulated } from '../../src/boards/emulated-board.js';
import { emulatedFlashPath, flashedFile, flashEmulated } from '../../src/boards/emulated-flash.js';
import { expectEmulatorInstalled, startEmulator } from '../../src/boards/emulator.js';
import { findBoard, type BoardSpec, type ProgramEmulatorSpec } from '../../src/boards/registry.js';
import { load } from '../../src/engine/load.js';
import { LinnetError } from '../../src/errors.js';
import { builtBoards, ptyBoards } from './built-boards.js';
import { tinyModel } from './tiny-model.js';

jest.setTimeout(30_000);

const host = findBoard('host');
const netduino = findBoard('netduinoplus2');
let home: string;
const path = process.env['PATH'];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(home, { recursive: true, force: true });
});

/** An argument that names a file which is not there. */
const gone = (arg: string): string => arg.replace(/\{\w+\}/, '/nonexistent/no-such-file');

async function failure(promise: Promise<unknown>): Promise<LinnetError> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}

test('a missing emulator is named, with the package that brings it', async () => {
  process.env['PATH'] = home;
  const error = await failure(expectEmulatorInstalled(netduino));
  expect(error).toMatchObject({ code: 'tool_missing' });
  expect(error.message).toMatch(/qemu-system-arm is not installed.*apt-get install qemu-system-arm/);
  await expectEmulatorInstalled(host); // needs none
});

test('firmware that is not built is one error that says how to build it', async () => {
  const unbuilt: BoardSpec = { ...host, name: 'unbuilt' };
  const error = await failure(bootEmulated(unbuilt, tinyModel()));
  expect(error).toMatchObject({ code: 'file_not_found' });
  expect(error.message).toMatch(/build-firmware.unbuilt.*sh firmware.build\.sh unbuilt/);
});

test('a board without an emulator says so', async () => {
  const { emulator: _, ...real } = netduino;
  expect(await failure(startEmulator(real, 'x'))).toMatchObject({ code: 'unknown_board' });
});

test('nothing flashed yet is one error that says how to flash', async () => {
  const error = await failure(flashedFile(netduino));
  expect(error).toMatchObject({ code: 'no_model' });
  expect(error.message).toContain('linnet flash netduinoplus2');
});

test.each(ptyBoards().map((board) => [board.name, board] as const))(
  'an emulator of %s that ends at once gives its own words',
  async (_name, board) => {
    const emulator = board.emulator as ProgramEmulatorSpec;
    const files = emulator.flash_args
      ? { flash_args: emulator.flash_args.map(gone) }
      : { image_args: emulator.image_args.map(gone) };
    const { kind, program, args } = emulator;
    const lost: BoardSpec = { ...board, emulator: { kind, program, args, ...files } };
    const error = await failure(bootEmulated(lost, tinyModel()));
    expect(error).toMatchObject({ code: 'emulator_failed' });
    expect(error.message).toMatch(/no such file|could not load|cannot load/i);
  },
);

describe.each(builtBoards().map((board) => [board.name, board] as const))('%s', (_name, board) => {
  test('runs next time what was flashed last, and leaves no other file', async () => {
    const image = tinyModel(4);
    const first = await bootEmulated(board, image);
    const { sha256 } = first.info;
    await first.close();
    expect(readdirSync(dirname(emulatedFlashPath(board)))).toEqual(['flash.bin']);
    const again = await bootEmulated(board);
    expect(again.info).toMatchObject({ sha256, name: 'tiny-4' });
    await again.close();
  });

  test('flashing the same bytes again does not write the file again, others do', async () => {
    const inode = async (seed: number): Promise<number> => {
      await (await flashEmulated(board, tinyModel(seed))).release();
      return statSync(emulatedFlashPath(board)).ino;
    };
    const first = await inode(4);
    expect(await inode(4)).toBe(first);
    expect(await inode(5)).not.toBe(first);
  });

  test('two programs that flash different models at once each get their own', async () => {
    const models = [6, 7, 8].map((seed) => tinyModel(seed));
    const opened = await Promise.all(models.map((image) => bootEmulated(board, image)));
    expect(opened.map(({ info }) => info.name)).toEqual(['tiny-6', 'tiny-7', 'tiny-8']);
    await Promise.all(opened.map((one) => one.close()));
  });

  test('an image the board refuses is one error that says why', async () => {
    const image = Uint8Array.from(boardImage(board, tinyModel(4)));
    image[image.length - 20]! ^= 1;
    const error = await failure(bootEmulated(board, image));
    expect(error).toMatchObject({ code: 'no_model' });
    expect(error.message).toMatch(/damaged/);
  });
});

test.each(builtBoards().map((board) => [board.name, board] as const))(
  '%s is flashed from a folder whose name has a comma and a space',
  async (_name, board) => {
    process.env['LINNET_HOME'] = join(home, 'a, b,,c');
    const opened = await bootEmulated(board, tinyModel(4));
    await opened.close();
    expect(opened.info.name).toBe('tiny-4');
  },
);

test('a model bigger than the memory of the firmware runs where it has one of its own', async () => {
  for (const board of builtBoards('mps2-an386')) {
    const image = tinyModel(4, 5_000_000);
    expect(image.length).toBeGreaterThan(board.flash.bytes);
    const opened = await bootEmulated(board, image);
    const digest = await opened.selfTest();
    await opened.close();
    const local = await load(image);
    expect(digest).toBe(await local.selfTest());
    await local.close();
  }
});

test('a model that does not fit is refused before anything is written', async () => {
  if (builtBoards('netduinoplus2').length === 0) return;
  const error = await failure(flashEmulated(netduino, tinyModel(1, 1_000_000)));
  expect(error).toMatchObject({ code: 'out_of_memory' });
  expect(existsSync(dirname(emulatedFlashPath(netduino)))).toBe(false);
});

test('flash that cannot be written is one error and leaves nothing', async () => {
  writeFileSync(join(home, 'boards'), 'a file where a folder should be');
  expect(await failure(flashEmulated(host, tinyModel()))).toMatchObject({ code: 'file_unwritable' });
  rmSync(join(home, 'boards'));
  mkdirSync(emulatedFlashPath(host), { recursive: true }); // a folder where the file should be
  expect(await failure(flashEmulated(host, tinyModel()))).toMatchObject({ code: 'file_unwritable' });
  expect(readdirSync(dirname(emulatedFlashPath(host)))).toEqual(['flash.bin']);
  if (process.platform !== 'linux') return;
  process.env['LINNET_HOME'] = '/proc/nowhere';
  expect(await failure(flashEmulated(host, tinyModel()))).toMatchObject({ code: 'file_unwritable' });
});
