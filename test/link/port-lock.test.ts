/** A port has one user: two programs of ours, and ours beside tio, picocom and minicom. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSerialPort } from '../../src/link/serial-port.js';
import { takeUucpLock } from '../../src/link/uucp-lock.js';
import { LinnetError } from '../../src/errors.js';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { hasPrograms, Terminal } from '../cli/terminal.js';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');
const onHost = builtBoards('host').length > 0 ? test : test.skip;

let folder: string;
let board: HostBoard;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-port-'));
  writeFileSync(join(folder, 'tiny.linnet'), tinyModel());
  board = new HostBoard(join(folder, 'port'), join(folder, 'tiny.linnet'));
  if (onHost === test) await board.plugIn();
});
afterEach(async () => {
  await board.unplug();
  rmSync(folder, { recursive: true, force: true });
});

async function failure(promise: Promise<unknown>): Promise<LinnetError> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}

onHost('a second program of ours is told who has the port, and gets it once that one was killed', async () => {
  const program = `require('./src/link/serial-port.ts').openSerialPort(process.argv[1])
    .then((port) => { port.onData(() => undefined); console.log('open'); })`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', program, board.port], { cwd: ROOT });
  await once(child.stdout, 'data');
  const error = await failure(openSerialPort(board.port));
  expect(error).toMatchObject({ code: 'port_busy', where: board.port });
  expect(error.what).toBe(`the port is in use by node (process ${child.pid})`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openSerialPort(board.port)).close(); // its lock file is nobody's now
});

onHost('the same program cannot open it twice, whatever name it uses', async () => {
  const port = await openSerialPort(board.port);
  expect(await failure(openSerialPort(board.device))).toMatchObject({ code: 'port_busy' });
  await port.close();
  await (await openSerialPort(board.device)).close();
});

describe.each([
  ['tio', 'tio', /Connected/, /locked by another process/],
  ['picocom', 'picocom', /Terminal ready/, /cannot lock/],
  ['minicom', 'minicom -D', /Press CTRL-A Z/, /is locked/],
])('%s', (name, command, connected, refused) => {
  const withIt = onHost === test && hasPrograms('tmux', name) ? test : test.skip;
  let terminal: Terminal;
  beforeEach(() => (terminal = new Terminal()));
  afterEach(() => terminal.close());

  withIt('keeps us out', async () => {
    terminal.type(`${command} ${board.device}`, 'Enter');
    await terminal.sees(connected);
    const error = await failure(openSerialPort(board.port));
    expect(error.what).toMatch(new RegExp(`^the port is in use by ${name} \\(process \\d+\\)$`));
  });

  withIt('is kept out by us', async () => {
    const port = await openSerialPort(board.port);
    terminal.type(`${command} ${board.device}`, 'Enter');
    await terminal.sees(refused);
    await port.close();
  });
});

describe('lock files', () => {
  const path = (): string => join(folder, 'LCK..ttyX_0');
  const take = (): ReturnType<typeof takeUucpLock> => takeUucpLock('/dev/ttyX/0', folder);

  test('one is made, with the process id in ten characters, and taken away', async () => {
    const lock = await take();
    expect(lock.heldBy).toBeUndefined();
    expect(readFileSync(path(), 'latin1')).toBe(`${String(process.pid).padStart(10)}\n`);
    expect(readdirSync(folder).filter((name) => name.startsWith('LTMP'))).toEqual([]);
    lock.release();
    expect(existsSync(path())).toBe(false);
  });

  test.each([
    ['of a process that has ended', '   4194304\n'],
    ['of one that does not have the device', `${String(process.pid).padStart(10)}\n`],
    ['that holds no number', 'minicom\n'],
    ['that is empty', ''],
  ])('one %s is replaced', async (_title, text) => {
    writeFileSync(path(), text);
    const lock = await take();
    expect(lock.heldBy).toBeUndefined();
    expect(readFileSync(path(), 'latin1')).toBe(`${String(process.pid).padStart(10)}\n`);
    lock.release();
  });

  test('one of a zombie is replaced too', async () => {
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60']); // which never asks how its child ended
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    const state = (): string => readFileSync(`/proc/${pid.toString().trim()}/stat`, 'latin1').split(') ')[1]!;
    while (!state().startsWith('Z')) await new Promise((resolve) => setTimeout(resolve, 10));
    writeFileSync(path(), `${pid.toString().trim().padStart(10)}\n`);
    const lock = await take();
    parent.kill();
    expect(lock.heldBy).toBeUndefined();
    lock.release();
  });

  test('where there is no folder for them the port is ours all the same', async () => {
    const lock = await takeUucpLock('/dev/ttyX', join(folder, 'nowhere'));
    expect(lock.heldBy).toBeUndefined();
    lock.release();
  });
});
