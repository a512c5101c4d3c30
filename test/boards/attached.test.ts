/** Boards on serial ports, found by HELLO, and found again after they were unplugged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachedBoards, surveyPorts } from '../../src/boards/attached.js';
import { awaitReturn, identify } from '../../src/boards/replug.js';
import { findPorts, type FoundPort } from '../../src/link/find-ports.js';
import { openSerialPort } from '../../src/link/serial-port.js';
import { builtBoards } from './built-boards.js';
import { HostBoard } from './host-board.js';
import { tinyModel } from './tiny-model.js';

// Pseudo-terminals are not in /dev/tty*: the list is the test's, the ports on it are real.
jest.mock('../../src/link/find-ports.js', () => ({ findPorts: jest.fn() }));
const listed = findPorts as jest.MockedFunction<typeof findPorts>;

jest.setTimeout(30_000);
const onHost = builtBoards('host').length > 0 ? test : test.skip;

let folder: string;
let boards: HostBoard[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-port-'));
  writeFileSync(join(folder, 'tiny.linnet'), tinyModel(3));
  boards = [];
  listed.mockResolvedValue([]);
});
afterEach(async () => {
  for (const board of boards) await board.unplug();
  rmSync(folder, { recursive: true, force: true });
});

async function plugIn(name: string): Promise<HostBoard> {
  const board = new HostBoard(join(folder, name), join(folder, 'tiny.linnet'));
  await board.plugIn();
  boards.push(board);
  return board;
}

const usb = ({ device }: HostBoard, serialNumber?: string): FoundPort => ({
  path: device,
  vendorId: '2e8a',
  productId: '000a',
  serialNumber,
});
// A board is named by its link: the number of a pseudo-terminal that was closed may be another test's next.
const patience = 700;
const { signal } = new AbortController();

onHost('a port with a board, one in use and one where nobody answers', async () => {
  const [board, used, silent] = [await plugIn('a'), await plugIn('b'), await plugIn('c')];
  const port = await openSerialPort(used.device);
  silent.freeze();
  listed.mockResolvedValue([usb(board, '1'), usb(used), usb(silent)]);
  expect(await surveyPorts()).toMatchObject([
    { found: usb(board, '1'), facts: { board: 'host', model: { name: 'tiny-3' } } },
    { found: usb(used), error: { code: 'port_busy' } },
    { found: usb(silent), error: { code: 'no_answer' } },
  ]);
  expect(await attachedBoards()).toMatchObject([{ port: board.device, found: usb(board, '1') }]);
  silent.thaw();
  await port.close();
});

onHost('a board that comes back on another port is known by its serial number', async () => {
  const board = await plugIn('a');
  listed.mockResolvedValue([usb(board, '1')]);
  const lost = await identify(board.port, 'host');
  await board.unplug();
  const again = await plugIn('b');
  listed.mockResolvedValue([usb(again, '1')]);
  expect(await awaitReturn(lost, { patience, signal })).toBe(again.device);
});

onHost('another board on the port it had is not taken for it', async () => {
  const board = await plugIn('a');
  listed.mockResolvedValue([usb(board, '1')]);
  const lost = await identify(board.port, 'host');
  listed.mockResolvedValue([usb(board, '2')]);
  await expect(awaitReturn(lost, { patience, signal })).rejects.toMatchObject({ code: 'port_lost' });
});

onHost('nor is a second one of the same make that was there all the time', async () => {
  const [board, second] = [await plugIn('a'), await plugIn('b')];
  listed.mockResolvedValue([usb(board), usb(second)]);
  const lost = await identify(board.port, 'host');
  await board.unplug();
  listed.mockResolvedValue([usb(second)]);
  const error = await awaitReturn(lost, { patience, signal }).catch((reason: Error) => reason.message);
  expect(error).toBe(`the host did not come back within 1 s (${board.port}): plug it in and start again`);
  const again = await plugIn('c');
  listed.mockResolvedValue([usb(second), usb(again)]);
  expect(await awaitReturn(lost, { patience: 5000, signal })).toBe(again.device);
});

onHost('one that says another name is not taken, and a wait can be ended', async () => {
  const board = await plugIn('a');
  const stop = new AbortController();
  const waiting = awaitReturn(
    { port: board.device, board: 'pico', found: undefined, others: [] },
    { patience: 60_000, signal: stop.signal },
  );
  setTimeout(() => stop.abort(new Error('enough')), 300);
  await expect(waiting).rejects.toThrow('enough');
});
