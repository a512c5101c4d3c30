/** A child that must not outlive its parent, however that ends. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GuardedProcess } from '../../src/boards/guarded-process.js';
import { processesOf } from '../soak/resources.js';

const ROOT = join(__dirname, '..', '..');

async function untilGone(group: number): Promise<void> {
  for (let i = 0; i < 200 && processesOf(group).length > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(processesOf(group)).toEqual([]);
}

/** A shell's script that is at work: it has said something. */
function started(script: string): Promise<GuardedProcess> {
  return new Promise((resolve) => {
    const child = new GuardedProcess('sh', ['-c', script], () => resolve(child));
  });
}

/** A Node process that guards "sleep 1000" and then ends in the way given; the group it left behind. */
async function parentThatEnds(how: string): Promise<number> {
  const script = `
    const { GuardedProcess } = require('./dist/boards/guarded-process.js');
    const child = new GuardedProcess('sh', ['-c', 'echo up; exec sleep 1000'], () => {
      process.stdout.write(child.pid + '\\n', () => { ${how} });
    });`;
  const parent = spawn(process.execPath, ['-e', script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const group = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
  );
  await new Promise((resolve) =>
    (parent.exitCode ?? parent.signalCode) !== null ? resolve(0) : parent.once('exit', resolve),
  );
  return group;
}

test.each([
  ['exits', 'process.exit(3)'],
  ['throws', 'setImmediate(() => { throw new Error(); })'],
  ['is terminated', 'process.kill(process.pid, "SIGTERM")'],
  ['is interrupted', 'process.kill(process.pid, "SIGINT")'],
  ['is killed', 'process.kill(process.pid, "SIGKILL")'],
])(
  'no child is left when the parent %s',
  async (_title, how) => {
    const group = await parentThatEnds(how);
    expect(group).toBeGreaterThan(1);
    await untilGone(group);
  },
  30_000,
);

test('stop ends a child that ignores signals', async () => {
  const child = await started('trap "" TERM INT HUP; echo up; while :; do sleep 1; done');
  await child.stop();
  await untilGone(child.pid!);
});

test('a frozen child, guard and all, is stopped too', async () => {
  const child = await started('echo up; exec sleep 1000');
  process.kill(-child.pid!, 'SIGSTOP');
  await child.stop();
  await untilGone(child.pid!);
});

test('exit status and stderr of a child that ends by itself', async () => {
  let out = '';
  const child = new GuardedProcess('sh', ['-c', 'echo hello; echo "bad luck" >&2; exit 5'], (text) => (out += text));
  expect(await child.exited).toEqual({ status: 5, stderr: 'bad luck\n' });
  expect(out).toBe('hello\n');
  await child.stop();
});

test('arguments arrive as they are, whatever characters they have', async () => {
  let out = '';
  const argument = `a 'b' "c" $HOME \`id\` ; exit 9 \\ *`;
  const child = new GuardedProcess('printf', ['%s', argument], (text) => (out += text));
  expect((await child.exited).status).toBe(0);
  expect(out).toBe(argument);
});
