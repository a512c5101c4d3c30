/** `linnet boards`: what is known, and one board in full. */
import boards from '../../src/cli/commands/boards.js';
import { knownBoards } from '../../src/boards/registry.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';

const linnet = (argv: readonly string[]): Promise<Run> => runIn([boards], argv);

test('--json lists what scripts rely on', async () => {
  const { code, out } = await linnet(['boards', '--json']);
  expect(code).toBe(0);
  const list = JSON.parse(out) as Record<string, unknown>[];
  expect(list.map(({ name }) => name)).toEqual(knownBoards().map(({ name }) => name));
  expect(list.find(({ name }) => name === 'netduinoplus2')).toMatchObject({
    cpu: 'Cortex-M4',
    flash: 1048576,
    ram: 131072,
    model: { bytes: 983040, memory: 'flash' },
    upload: null,
    verified: 'emulator (QEMU)',
    attached: null,
  });
  expect(list.find(({ name }) => name === 'pico')).toMatchObject({
    upload: 'for good',
    verified: 'emulator (rp2040js)',
  });
});

test('the list needs no programs of the system, such as udevadm', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = '';
  const { code, out } = await linnet(['boards']).finally(() => (process.env['PATH'] = PATH));
  expect(code).toBe(0);
  expect(out).toMatch(/^netduinoplus2 +Cortex-M4 +1 MB +128 KB +960 KB flash .*emulator/m);
});

test('what was never run says so', async () => {
  const { out } = await linnet(['boards']);
  for (const { name, verified } of knownBoards())
    expect(new RegExp(`^${name} .*built, not run`, 'm').test(out)).toBe(verified === 'build');
});

test.each(knownBoards().map(({ name }) => name))(
  '%s in full: where its line is, and how to flash a real one',
  async (name) => {
    const { code, out, err } = await linnet(['boards', name]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const board = knownBoards().find((b) => b.name === name)!;
    expect(out).toContain(board.uart.pins);
    for (const step of board.flashing?.steps ?? []) expect(out).toContain(step);
    expect(out.match(/linnet flash/g)?.length ?? 0).toBe(board.flashing?.ways.length ?? 0);
  },
);

test('an unknown board is one line that names the known ones', async () => {
  const { code, out, err } = await linnet(['boards', 'abacus']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(ONE_LINE);
  expect(err).toContain('netduinoplus2');
});
