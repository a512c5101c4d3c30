/** System packages: what is missing, and apt-get where that is the way. */
import { existsSync } from 'node:fs';
import { hasCommand, outputOf, run, SetupError } from './run.mjs';

const hasArmLibrary = (name) => {
  const path = outputOf('arm-none-eabi-g++', [`-print-file-name=${name}`]);
  return path !== undefined && path !== name;
};
const PICOLIBC = '/usr/lib/picolibc/riscv64-unknown-elf';

/** Debian package → is it there? `needed` says what does not work without it. */
const PACKAGES = [
  { name: 'g++', present: () => hasCommand('g++') || hasCommand('clang++'), needed: 'native engine' },
  { name: 'make', present: () => hasCommand('make') || hasCommand('ninja'), needed: 'native engine' },
  { name: 'cmake', present: () => hasCommand('cmake'), needed: 'native engine' },
  { name: 'gcc-arm-none-eabi', present: () => hasCommand('arm-none-eabi-g++'), needed: 'firmware' },
  { name: 'libnewlib-arm-none-eabi', present: () => hasArmLibrary('libc.a'), needed: 'firmware' },
  { name: 'libstdc++-arm-none-eabi-newlib', present: () => hasArmLibrary('libstdc++.a'), needed: 'firmware' },
  { name: 'qemu-system-arm', present: () => hasCommand('qemu-system-arm'), needed: 'emulated boards' },
];

/** What the RISC-V boards want besides. */
const RISCV_PACKAGES = [
  {
    name: 'gcc-riscv64-unknown-elf',
    present: () => hasCommand('riscv64-unknown-elf-g++'),
    needed: 'firmware for RISC-V',
  },
  { name: 'picolibc-riscv64-unknown-elf', present: () => existsSync(PICOLIBC), needed: 'firmware for RISC-V' },
  { name: 'qemu-system-misc', present: () => hasCommand('qemu-system-riscv32'), needed: 'emulated RISC-V boards' },
];

/** Names of Chromium, as test/report/chromium.ts looks for it. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** What only the tests want besides. */
const TEST_PACKAGES = [
  { name: 'tmux', present: () => hasCommand('tmux'), needed: 'tests of the terminal' },
  { name: 'picocom', present: () => hasCommand('picocom'), needed: 'tests of the console' },
  { name: 'socat', present: () => hasCommand('socat'), needed: 'tests of flashing' },
  { name: 'stm32flash', present: () => hasCommand('stm32flash'), needed: 'tests of flashing' },
  { name: 'dfu-util', present: () => hasCommand('dfu-util'), needed: 'tests of flashing' },
  {
    name: 'g++-aarch64-linux-gnu',
    present: () => hasCommand('aarch64-linux-gnu-g++'),
    needed: 'tests of the NEON kernels',
  },
  { name: 'qemu-user', present: () => hasCommand('qemu-aarch64'), needed: 'tests of the NEON kernels' },
  { name: 'chromium', present: () => BROWSERS.some(hasCommand), needed: 'tests of the report in a browser' },
];

/** @param riscv whether RISC-V boards are wanted; @param tests whether the tests will run */
export function missingPackages({ riscv, tests }) {
  const wanted = [...PACKAGES, ...(riscv ? RISCV_PACKAGES : []), ...(tests ? TEST_PACKAGES : [])];
  return wanted.filter(({ present }) => !present());
}

/** Installs what is missing. @throws {SetupError} with the command a person can run */
export async function installPackages(missing) {
  const names = missing.map(({ name }) => name);
  const lost = [...new Set(missing.map(({ needed }) => needed))].join(', ');
  const command = `apt-get install -y ${names.join(' ')}`;
  if (!existsSync('/etc/debian_version') || !hasCommand('apt-get'))
    throw new SetupError(
      `missing: ${names.join(', ')} (Debian names), and this is not a Debian system`,
      `install their counterparts with your package manager; until then there is no ${lost}`,
    );
  const root = process.getuid() === 0;
  if (!root && (!hasCommand('sudo') || outputOf('sudo', ['-n', 'true']) === undefined) && !process.stdin.isTTY)
    throw new SetupError(
      `missing: ${names.join(', ')}, and installing them needs root`,
      `run "sudo ${command}"; until then there is no ${lost}`,
    );
  const apt = (...args) =>
    run(root ? 'apt-get' : 'sudo', root ? args : ['apt-get', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      remedy: `run "${root ? '' : 'sudo '}${command}" and look at what it says; until then there is no ${lost}`,
    });
  await apt('-q', 'update');
  await apt('-q', 'install', '-y', '--no-install-recommends', ...names);
}
