/** Before the package is packed: builds, from source, the firmware it brings along, into prebuilt/<board>/. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCommand, ROOT } from './setup/run.mjs';

/** Boards that are emulated with nothing but npm packages; `firmware.bin` is all their emulator needs. */
const BOARDS = ['pico'];
const NEEDED = {
  cmake: 'cmake',
  'arm-none-eabi-g++': 'gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib',
};

function fail(message) {
  console.error(`prepack: ${message}`);
  process.exit(1);
}

for (const [program, packages] of Object.entries(NEEDED))
  if (!hasCommand(program))
    fail(`${program} is not installed, and the package needs firmware: sudo apt-get install ${packages}`);

rmSync(join(ROOT, 'prebuilt'), { recursive: true, force: true });
for (const board of BOARDS) {
  // A folder of its own: what lies in build-firmware may be of another source or compiler.
  const build = join(ROOT, 'build-prepack', board);
  rmSync(build, { recursive: true, force: true });
  for (const args of [
    ['-S', join(ROOT, 'firmware'), '-B', build, `-DLINNET_BOARD=${board}`],
    ['--build', build],
  ]) {
    const { status } = spawnSync('cmake', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) fail(`the firmware of ${board} could not be built (cmake ${args.join(' ')})`);
  }
  const folder = join(ROOT, 'prebuilt', board);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(build, 'firmware.bin'), join(folder, 'firmware.bin.tmp'));
  renameSync(join(folder, 'firmware.bin.tmp'), join(folder, 'firmware.bin'));
  rmSync(build, { recursive: true, force: true });
  console.error(`prepack: prebuilt/${board}/firmware.bin`);
}
rmSync(join(ROOT, 'build-prepack'), { recursive: true, force: true });
