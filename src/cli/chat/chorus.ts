/** `linnet chat --board all`: the same text to every board with room for the model, side by side. */
import { randomInt } from 'node:crypto';
import { attachedBoards } from '../../boards/attached.js';
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { openImage, type Image } from '../../image/read.js';
import { coloursFor } from '../colours.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import { openTarget, type Target } from '../target.js';
import { compareResults } from './agreement.js';
import { chooseBoard, emulatedBoards, whatIsMissing } from './choose-board.js';
import type { Column } from './columns.js';
import { helpOn, parseCommand, QUIT, runCommand, TEXT_HELP, type ChatCommands } from './commands.js';
import type { Conversation } from './converse.js';
import { openDisplay } from './chorus-display.js';
import { defaultModel } from './default-model.js';
import { Lane } from './lane.js';
import { settingCommands, type Settings } from './settings.js';

/**
 * Starts every emulated board with room for the model and connects to the attached ones that hold it; says in a line
 * each why others are not there.
 * @param path image; default: one that comes with Linnet
 * @throws LinnetError, if there is no board at all
 */
export async function openChorus(io: Io, path: string | undefined, settings: Settings): Promise<Chorus> {
  const file = path ?? (await defaultModel((await chooseBoard(emulatedBoards())).board));
  const image = openImage(await readImageFile(file), file);
  const targets = [...(await emulated(io, image)), ...(await attached(io, image))];
  const opened = await Promise.allSettled(
    targets.map(async ({ name, ...target }) => new Lane(name, await openTarget(io, { ...target, image: file }))),
  );
  const lanes = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const [i, result] of opened.entries()) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof LinnetError)) {
      await Promise.all(lanes.map(({ board }) => board.close())); // Ctrl-C
      throw result.reason;
    }
    io.note(printable(`without ${targets[i]!.name}: ${result.reason.what}`));
  }
  if (lanes.length === 0)
    throw new LinnetError('tool_missing', 'no board can run this model here', file, 'see "linnet boards"');
  return new Chorus(io, lanes, settings, image);
}

type NamedTarget = Target & { readonly name: string };

async function emulated(io: Io, image: Image): Promise<NamedTarget[]> {
  const room = emulatedBoards(image);
  const fitting = new Set(room.map(({ name }) => name));
  const crowded = emulatedBoards().flatMap(({ name }) => (fitting.has(name) ? [] : [name]));
  if (crowded.length > 0) io.note(`without ${crowded.join(', ')}: no room for this model`);
  const missing = await Promise.all(room.map(whatIsMissing));
  return room.flatMap(({ name }, i) => {
    const error = missing[i];
    if (error) io.note(`without ${name}: ${error.what}`);
    return error ? [] : [{ name, board: name }];
  });
}

async function attached(io: Io, image: Image): Promise<NamedTarget[]> {
  return (await attachedBoards()).flatMap(({ port, facts }) => {
    const name = printable(`${facts.board} at ${port}`);
    if (facts.model?.sha256 === image.sha256) return [{ name, port }];
    io.note(`without ${name}: it holds ${facts.model ? `another model (${printable(facts.model.name)})` : 'no model'}`);
    return [];
  });
}

export class Chorus implements Conversation {
  private readonly commands: ChatCommands;

  constructor(
    private readonly io: Io,
    private readonly lanes: readonly Lane[],
    private readonly settings: Settings,
    private readonly image: Image,
  ) {
    this.commands = {
      ...settingCommands(settings, (line) => this.note(line)),
      reset: { argument: '', help: 'forget what was said', run: () => this.reset() },
      help: { argument: '', help: 'this list', run: () => this.help() },
      quit: QUIT,
      exit: QUIT,
    };
  }

  greet(): void {
    this.note(`${this.lanes.length} boards with ${this.lanes[0]!.board.info.name}`);
  }

  async handle(text: string, signal: AbortSignal): Promise<boolean> {
    const command = parseCommand(text);
    if (command) return runCommand(this.commands, command, signal);
    const shown = (part: string): string => (this.io.out.isTTY ? printable(part) : part);
    const columns = (): Column[] =>
      this.lanes.map(({ name, text: answer, ending }) => ({
        title: name,
        text: shown(answer),
        ending: ending && printable(ending),
      }));
    const display = openDisplay(this.io);
    const changed = (): void => display.update(columns());
    if (this.image.kind === 'classifier') await this.all((lane) => lane.classify(text, signal, changed));
    else {
      const { tokens: maxTokens, temperature, topK, seed = randomInt(2 ** 32) } = this.settings;
      const request = { maxTokens, temperature, topK, seed, signal };
      await this.all((lane) => lane.generate(text, request, changed));
    }
    display.finish(columns());
    signal.throwIfAborted();
    this.report();
    return true;
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map(({ board }) => board.close()));
  }

  private async all(ask: (lane: Lane) => Promise<void>): Promise<void> {
    await Promise.all(this.lanes.map(ask));
  }

  private report(): void {
    const unit = this.image.kind === 'classifier' ? 'score' : 'token';
    const { agree, line } = compareResults(this.lanes, unit);
    if (!this.io.json) {
      const { green, red } = coloursFor(this.io.out);
      this.io.out.write(`${(agree ? green : red)(line)}\n`);
      return;
    }
    for (const { name, text, result, rate, error } of this.lanes)
      this.io.emit({ type: 'answer', board: name, text, [`${unit}s`]: result ?? null, rate, error: error?.message });
    this.io.emit({ type: 'agreement', agree, line });
  }

  private reset(): void {
    for (const lane of this.lanes) lane.reset();
    this.note('starting afresh');
  }

  private help(): void {
    this.note('Type a text for all boards.');
    this.note(TEXT_HELP);
    const { exit: _, ...shown } = this.commands;
    for (const line of helpOn(shown)) this.note(line);
  }

  private note(line: string): void {
    this.io.note(coloursFor(this.io.err).dim(printable(line)));
  }
}
