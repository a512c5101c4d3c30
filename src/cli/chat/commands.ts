/** Lines that begin with a slash: how they are found, run and listed. */
import { LinnetError } from '../../errors.js';

export interface ChatCommand {
  /** What follows the name, as help shows it; "" if nothing does. */
  readonly argument: string;
  readonly help: string;
  /** @returns false to end the conversation */
  run(value: string, signal: AbortSignal): Promise<boolean | void> | boolean | void;
}

export type ChatCommands = Readonly<Record<string, ChatCommand>>;

export const QUIT: ChatCommand = { argument: '', help: 'or Ctrl-C, Ctrl-D', run: () => false };

/** Splits "/name value"; undefined for text that is no command. The value may have several lines. */
export function parseCommand(text: string): { name: string; value: string } | undefined {
  const [, name, value = ''] = /^\/(\w+)(?:\s+(.*?))?\s*$/s.exec(text) ?? [];
  return name === undefined ? undefined : { name, value };
}

/** @throws LinnetError usage, for a name that is not in `commands` or a value where none belongs */
export async function runCommand(
  commands: ChatCommands,
  { name, value }: { name: string; value: string },
  signal: AbortSignal,
): Promise<boolean> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new LinnetError('usage', `unknown command "/${name}"`, 'chat', '/help lists them');
  if (value !== '' && command.argument === '')
    throw new LinnetError('usage', 'takes nothing more', `/${name}`, '/help lists the commands');
  return (await command.run(value, signal)) !== false;
}

/** Lines of help, one a command. */
export function helpOn(commands: ChatCommands): string[] {
  return Object.entries(commands).map(
    ([name, { argument, help }]) => `  ${`/${name} ${argument}`.trim().padEnd(20)} ${help}`,
  );
}

export const TEXT_HELP = 'A text of several lines: end each but the last with \\, or paste them.';
