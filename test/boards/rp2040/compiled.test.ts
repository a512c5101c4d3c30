/** The emulated Pico as a user of the package has it: compiled, without what compiles it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/boards/registry.js';
import { builtBoards } from '../built-boards.js';
import { tinyModel } from '../tiny-model.js';
import { firmwareFile } from './inline-board.js';

const built = builtBoards('pico').length > 0 ? describe : describe.skip;

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-compiled-'));
  process.env['LINNET_HOME'] = home;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

built('the compiled package', () => {
  test('boots a Pico in a thread, and ends when that is closed', () => {
    const dist = join(home, 'package', 'dist');
    const tsc = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const config = join(PACKAGE_ROOT, 'tsconfig.build.json');
    // Not checked, which the lint does, but translated.
    spawnSync(process.execPath, [tsc, '-p', config, '--outDir', dist, '--noCheck', '--declaration', 'false']);
    expect(existsSync(join(dist, 'boards', 'rp2040', 'worker.js'))).toBe(true);
    for (const name of ['node_modules', 'firmware', 'package.json'])
      symlinkSync(join(PACKAGE_ROOT, name), join(home, 'package', name));
    // The firmware it was packed with: nothing is built where it is installed.
    mkdirSync(join(home, 'package', 'prebuilt', 'pico'), { recursive: true });
    copyFileSync(firmwareFile(), join(home, 'package', 'prebuilt', 'pico', 'firmware.bin'));
    const image = join(home, 'tiny.linnet');
    writeFileSync(image, tinyModel(3));
    const script = `
      const { bootEmulated } = require('./dist/boards/emulated-board.js');
      const { findBoard } = require('./dist/boards/registry.js');
      bootEmulated(findBoard('pico'), require('fs').readFileSync(${JSON.stringify(image)})).then(async (board) => {
        console.log(board.info.name, (await board.selfTest()).length);
        await board.close();
      });`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: join(home, 'package'), encoding: 'utf8' });
    expect(output).toBe('tiny-3 64\n');
  });
});
