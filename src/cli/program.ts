/** Parse, run one command, report: the command line as a function of its arguments and streams. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { LinnetError } from '../errors.js';
import type { CommandSpec } from './command.js';
import { describeFailure } from './failure.js';
import { createIo, flush, type World } from './io.js';

/**
 * Runs the program and returns its exit code; never throws.
 * @param argv what follows the program's name
 * @param bin the name it was called by; `quantize` shows help without "linnet quantize"
 */
export async function runProgram(
  commands: readonly CommandSpec[],
  argv: readonly string[],
  world: World,
  bin = 'linnet',
): Promise<number> {
  let failure: unknown;
  try {
    await buildProgram(commands, world, bin).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // --help and --version end commander's parsing by throwing.
    if (!(error instanceof CommanderError && error.exitCode === 0)) failure = error;
  }
  await flush(world.out);
  // Whatever a command made of it, why it was aborted is what happened.
  if (world.signal.aborted) failure = world.signal.reason;
  if (failure === undefined) return 0;
  const { exitCode, line } = describeFailure(failure);
  if (line !== undefined) {
    world.err.write(line + '\n');
    await flush(world.err);
  }
  return exitCode;
}

function buildProgram(commands: readonly CommandSpec[], world: World, bin: string): Command {
  const program = new Command('linnet')
    .description('Little integer nets: quantize, run, flash and chat.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureOutput(outputTo(world));
  throwUsage(program, 'linnet');
  program.action(() => {
    const [word] = program.args;
    if (word === undefined) world.out.write(program.helpInformation());
    else throw new LinnetError('usage', `unknown command "${word}"`, 'linnet', suggestion(word, commands));
  });
  program.allowExcessArguments();
  for (const spec of commands) program.addCommand(buildCommand(spec, world, bin));
  return program;
}

function buildCommand(spec: CommandSpec, world: World, bin: string): Command {
  const command = new Command(spec.name)
    .description(spec.summary)
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', `\nExample:\n  ${spec.example}`)
    .configureOutput(outputTo(world));
  spec.configure(command);
  command.option('--json', 'print the result as JSON on stdout');
  if (bin !== 'linnet') command.configureHelp({ commandUsage: (c) => `${bin} ${c.usage()}` });
  throwUsage(command, bin === 'linnet' ? `linnet ${spec.name}` : bin);
  command.action(async () => {
    const options = command.opts<Record<string, unknown>>();
    await spec.run(createIo(world, options['json'] === true), command.processedArgs as string[], options);
  });
  return command;
}

function outputTo(world: World): OutputConfiguration {
  return {
    writeOut: (text) => void world.out.write(text),
    writeErr: () => {}, // every error is printed in one place, by runProgram
    getOutHelpWidth: () => (world.out as { columns?: number }).columns ?? 100,
  };
}

/** Turns commander's usage errors into LinnetErrors of one form. */
function throwUsage(command: Command, where: string): void {
  command.exitOverride((error) => {
    if (error.exitCode === 0) throw error;
    const [message = '', hint] = error.message.replace(/^error: /, '').split('\n');
    const remedy = hint?.match(/\(Did you mean (.*)\?\)/)?.[1];
    throw new LinnetError(
      'usage',
      message.replace(/\.$/, '').replaceAll("'", '"'),
      where,
      remedy ? `did you mean ${remedy}?` : `see "${where} --help"`,
    );
  });
}

function suggestion(word: string, commands: readonly CommandSpec[]): string {
  const near = commands.find(({ name }) => name.startsWith(word) || word.startsWith(name) || sameLetters(name, word));
  return near ? `did you mean "linnet ${near.name}"?` : 'see "linnet --help"';
}

/** One letter missing, added, changed or two swapped. */
function sameLetters(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  return (restA.length <= 1 && restB.length <= 1) || restA === [...restB].reverse().join('');
}

export function packageVersion(): string {
  const file = join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
