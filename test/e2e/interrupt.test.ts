/** Ctrl-C, broken pipes and full disks: the program goes quietly and leaves nothing running. */
import { existsSync } from 'node:fs';
import { LM, MAIN, ONE_LINE, start } from './child.js';

jest.setTimeout(60_000);
/** A program, an emulator, and one that is a thread of the program. */
const EMULATED = ['host', 'netduinoplus2', 'pico'];
const endless = ['generate', LM, '--prompt', 'Once upon a time', '--tokens', '1000000', '--json'];

test.each([[[]], [['--engine', 'reference']], ...EMULATED.map((name) => [['--board', name]])])(
  'Ctrl-C during generate %j ends it with 130 within two seconds and leaves no process',
  async (target) => {
    let quickest = Infinity;
    // Again, if the machine was busy with something else.
    for (let tries = 0; tries < 3 && quickest >= 2000; tries++)
      quickest = Math.min(quickest, await interrupted(target));
    expect(quickest).toBeLessThan(2000);
  },
);

/** How long a generation takes to end, ms. */
async function interrupted(target: string[]): Promise<number> {
  const run = start(process.execPath, [MAIN, ...endless, ...target]);
  await run.sees('"type":"token"');
  if (target[0] === '--board' && target[1] !== 'pico') expect(run.descendants().length).toBeGreaterThan(1); // the emulator is there
  const asked = performance.now();
  run.child.kill('SIGINT');
  const { code, err } = await run.ended;
  const took = performance.now() - asked;
  expect({ code, err: err.split('\n').at(-2) }).toEqual({ code: 130, err: 'linnet: stopped (SIGINT)' });
  expect(run.descendants()).toEqual([]);
  return took;
}

test('Ctrl-C while a board boots leaves no process either', async () => {
  const run = start(process.execPath, [MAIN, ...endless, '--board', 'netduinoplus2']);
  while (run.descendants().length < 2) await new Promise((resolve) => setTimeout(resolve, 10)); // the emulator starts
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(run.descendants()).toEqual([]);
});

test('a killed program takes its emulator with it', async () => {
  const run = start(process.execPath, [MAIN, ...endless, '--board', 'netduinoplus2']);
  await run.sees('"type":"token"');
  run.child.kill('SIGKILL');
  await run.ended;
  for (let i = 0; i < 50 && run.descendants().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(run.descendants()).toEqual([]);
});

test('a reader that has seen enough ends the program quietly', async () => {
  const { code, out, err } = await start('bash', [
    '-c',
    'set -o pipefail; "$0" "$@" | head -n 1',
    process.execPath,
    MAIN,
    ...endless,
  ]).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^\{"type":"token".*\}\n$/);
});

(existsSync('/dev/full') ? test : test.skip)('a full disk behind standard output is one line', async () => {
  const { code, err } = await start('bash', ['-c', '"$0" "$@" > /dev/full', process.execPath, MAIN, ...endless]).ended;
  expect(code).toBe(1);
  expect(err).toMatch(ONE_LINE);
  expect(err).toContain('(stdout)');
});
