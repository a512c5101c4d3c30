/** The command line itself: parsing, help, errors and exit codes, on commands made for the purpose. */
import { readFileSync } from 'node:fs';
import { LinnetError } from '../../src/errors.js';
import { defineCommand } from '../../src/cli/command.js';
import { Interrupted, OutputClosed } from '../../src/cli/failure.js';
import { atMostOne, decimal, integer, oneOf } from '../../src/cli/options.js';
import { ONE_LINE, runIn } from './fake-io.js';

const echo = defineCommand({
  name: 'echo',
  summary: 'say it again',
  example: 'linnet echo --count 2 hello',
  configure(command) {
    command
      .argument('<word>')
      .argument('[more...]')
      .option('--count <n>', 'times', integer('--count', 1, 10), 1)
      .option('--volume <x>', 'how loud', decimal('--volume', 0, 11))
      .option('--voice <name>', 'whose', oneOf('--voice', ['high', 'low']))
      .option('--left')
      .option('--right');
  },
  async run(io, args, options) {
    atMostOne(options, ['left', 'right']);
    io.note('echoing');
    if (io.json) io.emit({ args, ...options });
    else io.out.write(`${String(args[0])}\n`);
  },
});

const failing = (error: unknown) =>
  defineCommand({ name: 'fail', summary: '', example: '', configure() {}, run: () => Promise.reject(error) });

const COMMANDS = [echo, failing(new LinnetError('bad_text', 'no text', 'a.txt', 'write some'))];

test('a command gets its arguments and options, results go to stdout and prose to stderr', async () => {
  const run = await runIn(COMMANDS, ['echo', 'a', 'b', 'c', '--count', '3', '--volume', '.5', '--json']);
  expect(JSON.parse(run.out)).toEqual({ args: ['a', ['b', 'c']], count: 3, volume: 0.5, json: true });
  expect(run).toMatchObject({ code: 0, err: 'echoing\n' });
});

test('no arguments and --help print help with every command and exit 0', async () => {
  for (const argv of [[], ['--help'], ['-h']]) {
    const { code, out, err } = await runIn(COMMANDS, argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('say it again');
  }
});

test("a command's help shows its options and example", async () => {
  const { code, out } = await runIn(COMMANDS, ['echo', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('Usage: linnet echo [options] <word> [more...]');
  expect(out).toContain('--json');
  expect(out).toContain('Example:\n  linnet echo --count 2 hello');
});

test('under the name of a single command help shows that name', async () => {
  const { out } = await runIn([echo], ['echo', '--help'], { bin: 'echo' });
  expect(out).toContain('Usage: echo [options] <word> [more...]');
});

test('--version prints the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await runIn(COMMANDS, ['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test.each<[string[], string | RegExp]>([
  [['frobnicate'], 'unknown command "frobnicate" (linnet): see "linnet --help"'],
  [['ehco', 'a'], 'unknown command "ehco" (linnet): did you mean "linnet echo"?'],
  [['eco'], 'unknown command "eco" (linnet): did you mean "linnet echo"?'],
  [['--frob'], 'unknown option "--frob" (linnet): see "linnet --help"'],
  [['echo'], 'missing required argument "word" (linnet echo): see "linnet echo --help"'],
  [['echo', 'a', '--coutn', '2'], 'unknown option "--coutn" (linnet echo): did you mean --count?'],
  [['echo', 'a', '--count'], 'option "--count <n>" argument missing (linnet echo): see "linnet echo --help"'],
  [['echo', 'a', '--count', '0'], '"0" is not a whole number from 1 to 10 (--count): give a number in that range'],
  [['echo', 'a', '--count', '-5'], '"-5" is not a whole number from 1 to 10 (--count): give a number in that range'],
  [['echo', 'a', '--count', '1e1'], '"1e1" is not a whole number from 1 to 10 (--count): give a number in that range'],
  [['echo', 'a', '--count', '9'.repeat(400)], /^linnet: "9{40}…" is not a whole number/],
  [['echo', 'a', '--count', ''], '"" is not a whole number from 1 to 10 (--count): give a number in that range'],
  [['echo', 'a', '--volume', 'NaN'], '"NaN" is not a number from 0 to 11 (--volume): give a number in that range'],
  [['echo', 'a', '--volume', 'Infinity'], /is not a number/],
  [['echo', 'a', '--volume', '0x1'], /is not a number/],
  [['echo', 'a', '--volume', '12'], /is not a number/],
  [['echo', 'a', '--voice', 'mid'], '"mid" is not one of high, low (--voice): choose one of them'],
  [['echo', 'a', '--left', '--right'], '--left and --right exclude each other (--left): give one of them'],
])('%j is a usage error: exit 2 and one line', async (argv, message) => {
  const { code, out, err } = await runIn(COMMANDS, argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(ONE_LINE);
  if (typeof message === 'string') expect(err).toBe(`linnet: ${message}\n`);
  else expect(err).toMatch(message);
});

test('a failure exits 1 with what, where and how to mend it', async () => {
  expect(await runIn(COMMANDS, ['fail'])).toEqual({ code: 1, out: '', err: 'linnet: no text (a.txt): write some\n' });
});

test('a message that holds control characters still prints as one harmless line', async () => {
  const error = new LinnetError('bad_text', 'bad\n\u001b[2Jthing\u2028', 'x\r\n', 'y');
  expect((await runIn([failing(error)], ['fail'])).err).toBe('linnet: bad [2Jthing  (x ): y\n');
});

test('an error nobody expected is called internal, with the place', async () => {
  for (const error of [new TypeError('oops\nreally'), 'a string', undefined]) {
    const { code, err } = await runIn([failing(error ?? new Error(''))], ['fail']);
    expect(code).toBe(1);
    expect(err).toMatch(/^linnet: internal error: .* \(.*\): please report it/);
    expect(err).toMatch(ONE_LINE);
  }
});

test('an interrupted command exits 130, whatever it made of the signal', async () => {
  for (const outcome of ['resolve', 'reject']) {
    const stop = new AbortController();
    const command = defineCommand({
      ...echo,
      name: 'wait',
      configure() {},
      async run(io) {
        stop.abort(new Interrupted('SIGINT'));
        if (outcome === 'reject') io.signal.throwIfAborted();
      },
    });
    expect(await runIn([command], ['wait'], { signal: stop.signal })).toEqual({
      code: 130,
      out: '',
      err: 'linnet: stopped (SIGINT)\n',
    });
  }
});

test('a reader that went away ends the program quietly', async () => {
  const stop = new AbortController();
  stop.abort(new OutputClosed());
  expect(await runIn(COMMANDS, ['fail'], { signal: stop.signal })).toEqual({ code: 0, out: '', err: '' });
});
