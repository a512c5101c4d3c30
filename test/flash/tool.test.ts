/** Programs that flash: their arguments, their files, their failures. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import MemoryMap from 'nrf-intel-hex';
import { decodeBlock } from 'uf2';
import { flatten } from '../../src/flash/segments.js';
import { findProgram } from '../../src/boards/find-program.js';
import { flashWithTool, toolArguments, type ToolWay } from '../../src/flash/tool.js';
import { failure } from './failure.js';

const SEGMENTS = [
  { address: 0x0800_0000, bytes: Uint8Array.of(1, 2, 3) },
  { address: 0x0801_0000, bytes: Uint8Array.of(4, 5) },
];
const path = process.env['PATH'];
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-tool-'))));
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

const way = (program: string, ...args: string[]): ToolWay => ({ way: 'tool', program, args });

/** A program of this name, first in PATH. */
function install(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${path}`;
}

test('placeholders become files with firmware and model, and the address of flash', async () => {
  const args = await toolArguments(
    {
      ...way('x', '-s', '{address}:leave', '-D', '{bin}', 'program {{hex}} verify', '{uf2}', '{other}'),
      uf2_family: '0x12',
    },
    SEGMENTS,
    folder,
  );
  const file = (format: string): string => join(folder, `linnet.${format}`);
  expect(args).toEqual([
    '-s',
    '0x08000000:leave',
    '-D',
    file('bin'),
    `program {${file('hex')}} verify`,
    file('uf2'),
    '{other}',
  ]);
  expect(readFileSync(file('bin'))).toEqual(Buffer.from(flatten(SEGMENTS)));
  expect([...MemoryMap.fromHex(readFileSync(file('hex'), 'latin1'))]).toEqual(
    SEGMENTS.map((s) => [s.address, s.bytes]),
  );
  expect(decodeBlock(readFileSync(file('uf2')).subarray(0, 512))).toMatchObject({ boardFamily: 0x12 });
});

test('only the files that are asked for are made', async () => {
  await toolArguments(way('x', '{bin}'), SEGMENTS, folder);
  expect(existsSync(join(folder, 'linnet.hex'))).toBe(false);
});

test('a program gets its file, its lines are passed on, and nothing is left behind', async () => {
  install('fake-flash', `cp "$2" ${folder}/got; printf 'writing 50%%\\rwriting 100%%\\n'; echo "$2" > ${folder}/name`);
  const lines: string[] = [];
  await flashWithTool(way('fake-flash', '-w', '{bin}'), SEGMENTS, { onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['writing 50%', 'writing 100%']);
  expect(readFileSync(join(folder, 'got'))).toEqual(Buffer.from(flatten(SEGMENTS)));
  expect(existsSync(readFileSync(join(folder, 'name'), 'utf8').trim())).toBe(false);
});

test.each([
  ['no-such-flasher', 'apt-get install no-such-flasher'],
  ['st-flash', 'apt-get install stlink-tools'],
  ['picotool', 'github.com/raspberrypi/picotool'],
])('%s that is not installed is named, with what brings it', async (program, remedy) => {
  process.env['PATH'] = folder;
  const error = await failure(flashWithTool(way(program, '{bin}'), SEGMENTS));
  expect(error).toMatchObject({ code: 'tool_missing' });
  expect(error.message).toContain(`${program} is not installed`);
  expect(error.remedy).toContain(remedy);
});

test('a board says itself what brings its program', async () => {
  const error = await failure(flashWithTool({ ...way('no-such-flasher'), package: 'flash-tools' }, SEGMENTS));
  expect(error.remedy).toContain('apt-get install flash-tools');
});

test('the status and last complaint of a program that fails are told in one line', async () => {
  install('fake-flash', 'echo Erasing; echo "Error: no target" >&2; echo "shut down" >&2; exit 3');
  const error = await failure(flashWithTool(way('fake-flash'), SEGMENTS));
  expect(error).toMatchObject({ code: 'flash_failed', what: 'fake-flash ended with status 3: Error: no target' });
});

test('an abort ends the program', async () => {
  install('fake-flash', `echo $$ > ${folder}/pid; echo up; exec sleep 1000`);
  const stop = new AbortController();
  const run = flashWithTool(way('fake-flash'), SEGMENTS, {
    onLine: () => stop.abort(new Error('enough')),
    signal: stop.signal,
  });
  await expect(run).rejects.toThrow('enough');
  expect(() => process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0)).toThrow();
});

// The real programs, with no hardware attached: how they fail.
test.each<[ToolWay, RegExp]>([
  [
    way(
      'openocd',
      '-f',
      'interface/stlink.cfg',
      '-f',
      'target/stm32f4x.cfg',
      '-c',
      'program {{hex}} verify reset exit',
    ),
    /openocd ended with status 1: Error: open failed/,
  ],
  [
    way('dfu-util', '-d', '0483:df11', '-a', '0', '-s', '{address}:leave', '-D', '{bin}'),
    /dfu-util ended with status 74: .*No DFU capable USB device/,
  ],
  [way('st-flash', '--reset', 'write', '{bin}', '{address}'), /st-flash ended with status \d+: .*find any ST-Link/],
])('$program without a board says so', async (tool, message) => {
  if (!(await findProgram(tool.program))) return console.warn(`SKIPPED: ${tool.program} is not installed`);
  const error = await failure(flashWithTool(tool, SEGMENTS));
  expect(error).toMatchObject({ code: 'flash_failed' });
  expect(error.message).toMatch(message);
});
