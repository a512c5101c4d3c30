/** The list of commands as a whole: what users and scripts find the same in each. */
import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../src/cli/main.js';
import { runIn } from './fake-io.js';

/** The words of a command line with double quotes. */
const words = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare!);

test('the commands are those of the README, in its order', () => {
  const listed = Array.from(readFileSync('README.md', 'utf8').matchAll(/^\| `linnet (\w+)/gm), ([, name]) => name);
  expect(COMMANDS.map(({ name }) => name)).toEqual(listed);
});

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'the help of %s has a summary, --json and an example, which parses',
  async (name, command) => {
    const { code, out } = await runIn(COMMANDS, [name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(command.summary);
    expect(out).toContain('--json');
    expect(out).toContain(`Example:\n  ${command.example}`);
    let ran = false;
    const dry = { ...command, run: async () => void (ran = true) };
    const [program, ...argv] = words(command.example);
    expect(program).toBe('linnet');
    expect(await runIn([dry], argv)).toEqual({ code: 0, out: '', err: '' });
    expect(ran).toBe(true);
  },
);

test.each(COMMANDS.map(({ name }) => [name]))('%s refuses an option it does not know', async (name) => {
  const { code, err } = await runIn(COMMANDS, [
    name,
    '--no-such-option',
    ...(name === 'generate' ? ['--prompt', 'a'] : []),
  ]);
  expect(code).toBe(2);
  expect(err).toMatch(new RegExp(`^linnet: unknown option "--no-such-option" \\(linnet ${name}\\)`));
});

test('"linnet --help" names every command once', async () => {
  const { out } = await runIn(COMMANDS, ['--help']);
  for (const { name, summary } of COMMANDS)
    expect(out).toMatch(new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'));
});
