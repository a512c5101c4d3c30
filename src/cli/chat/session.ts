/** A conversation with one board: what a text means, and what is shown. */
import { randomInt } from 'node:crypto';
import { LinnetError } from '../../errors.js';
import type { Board } from '../../link/board.js';
import { coloursFor, type Colours } from '../colours.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import { thousands } from '../table.js';
import { Answer, showRate } from './answer.js';
import { listBoards } from './board-list.js';
import { helpOn, parseCommand, QUIT, runCommand, TEXT_HELP, type ChatCommands } from './commands.js';
import type { Connection } from './connection.js';
import type { Conversation } from './converse.js';
import { changeModel } from './change-model.js';
import { countBoard, describeCounts } from './stats.js';
import { settingCommands, type Settings } from './settings.js';

export class ChatSession implements Conversation {
  /** The board has a state worth going on from. */
  private started = false;
  /** Tokens the board must have counted since its reset, or it was reset meanwhile. */
  private counted = 0;
  /** The board did not answer: it may come back at work on a request that nobody waits for any more. */
  private doubtful = false;
  /** Something of the answer has been shown. */
  private shown = false;
  private readonly colours: Colours;
  private readonly commands: ChatCommands;

  constructor(
    private readonly io: Io,
    private readonly connection: Connection,
    private readonly settings: Settings,
  ) {
    this.colours = coloursFor(io.err);
    this.commands = {
      ...settingCommands(settings, (line) => this.note(line)),
      generate: {
        argument: '<text>',
        help: 'go on from a text: what a language model does without being told',
        run: (text, signal) => this.generate(text, signal),
      },
      classify: {
        argument: '<text>',
        help: 'label a text: what a classifier does without being told',
        run: (text) => this.classify(text),
      },
      model: {
        argument: '<image>',
        help: 'another model on this board',
        run: (path, signal) => this.model(path, signal),
      },
      board: {
        argument: '[name|port]',
        help: 'another board with the same model; alone: which there are',
        run: (place, signal) => this.switchBoard(place, signal),
      },
      reset: { argument: '', help: 'forget what was said', run: () => this.reset() },
      stats: { argument: '', help: 'what the board and the line have done', run: () => this.stats() },
      help: { argument: '', help: 'this list', run: () => this.help() },
      quit: QUIT,
      exit: QUIT,
    };
  }

  greet(): void {
    const { facts, info, port } = this.board;
    this.note(`${facts.board} (firmware ${facts.firmware}) on ${port}`);
    this.note(
      `${info.name}: ${thousands(info.imageBytes)} bytes, ${thousands(info.ramBytes)} of ${thousands(facts.ramTotal)} bytes of RAM`,
    );
  }

  async handle(text: string, signal: AbortSignal): Promise<boolean> {
    this.shown = false;
    try {
      return await this.obey(text, signal);
    } catch (error) {
      if (error instanceof LinnetError && error.code === 'no_answer') this.doubtful = true;
      throw error;
    }
  }

  get isLost(): boolean {
    return !this.board.isOpen;
  }

  async recover(error: LinnetError, signal: AbortSignal): Promise<boolean> {
    const { board, connection } = this;
    this.note(
      `${error.what}; ${connection.isEmulated ? 'starting it again' : 'waiting for it to come back, Ctrl-C ends that'}`,
    );
    await connection.recover(signal);
    this.forget();
    const other = this.board.info.sha256 === board.info.sha256 ? '' : `, with another model (${this.board.info.name})`;
    this.note(`${this.board.facts.board} is back on ${this.board.port}${other}; what was said is forgotten`);
    return !this.shown;
  }

  private get board(): Board {
    return this.connection.board;
  }

  private async obey(text: string, signal: AbortSignal): Promise<boolean> {
    const command = parseCommand(text);
    if (command) return runCommand(this.commands, command, signal);
    if (this.board.info.kind === 'classifier') await this.classify(text);
    else if (text !== '' || this.started) await this.generate(text, signal);
    return true;
  }

  private async classify(text: string): Promise<void> {
    if (this.board.info.kind !== 'classifier')
      throw this.wrongKind('is a language model: it goes on from a text and cannot label one', 'type the text alone');
    if (text.trim() === '') return;
    await this.noticeReset();
    const { label, scores } = await this.board.classify(text);
    if (this.io.json) return this.io.emit({ text, label, scores });
    const { bold } = coloursFor(this.io.out);
    this.io.out.write(`${bold(printable(label))} ${((scores[label] ?? 0) * 100).toFixed(1)} %\n`);
  }

  /** The answer goes on from all that was said before. */
  private async generate(prompt: string, signal: AbortSignal): Promise<void> {
    if (this.board.info.kind !== 'language_model')
      throw this.wrongKind('is a classifier: it labels a text and cannot go on from one', 'type the text alone');
    await this.noticeReset();
    const { tokens: maxTokens, temperature, topK, seed = randomInt(2 ** 32) } = this.settings;
    const answer = new Answer();
    try {
      const request = { maxTokens, temperature, topK, seed, keepState: this.started, signal };
      for await (const token of this.board.generate(prompt, request)) {
        answer.add(token);
        this.started = this.shown = true;
        if (this.io.json) this.io.emit({ type: 'token', id: token.id, text: token.text });
        else this.io.out.write(this.io.out.isTTY ? printable(token.text) : token.text);
      }
    } catch (error) {
      // It does not know the request that it was given: it was reset.
      if (error instanceof LinnetError && error.code === 'bad_message') await this.meetAgain();
      throw error;
    } finally {
      this.counted += answer.tokens;
      if (!this.io.json && answer.text !== '' && !answer.text.endsWith('\n')) this.io.out.write('\n');
    }
    const { text, tokens, seconds } = answer;
    const rate = showRate(answer.rate());
    if (this.io.json) this.io.emit({ type: 'done', text, tokens, seconds, seed });
    this.note(`${tokens} tokens, ${rate && `${rate}, `}first after ${answer.firstAfter.toFixed(0)} ms, seed ${seed}`);
  }

  /** A board that was reset since the last answer has lost its state, and would not say so. */
  private async noticeReset(): Promise<void> {
    if (this.doubtful) {
      await this.meetAgain();
      this.note('the board answers again; what was said is forgotten');
    }
    if (!this.started) return;
    const { tokens } = await this.board.stats();
    if (tokens < this.counted) {
      this.note('the board has been reset: what was said is forgotten');
      await this.meetAgain();
    }
    this.counted = tokens;
  }

  /** After a reset, or a silence: ends what the board does. A model that was uploaded may be gone. */
  private async meetAgain(): Promise<void> {
    const before = this.board.info;
    this.forget();
    await this.board.meetAgain();
    this.doubtful = false;
    if (this.board.info.sha256 !== before.sha256) this.note(`it now holds ${this.board.info.name}`);
  }

  private async model(path: string, signal: AbortSignal): Promise<void> {
    if (path === '') return this.greet();
    const how = await changeModel(this.io, this.connection, path, signal);
    this.forget();
    this.note(`${how}; what was said is forgotten`);
    this.greet();
  }

  private async switchBoard(place: string, signal: AbortSignal): Promise<void> {
    if (place === '') return listBoards(this.io, this.board, this.connection.image);
    const before = this.board.info;
    await this.connection.switchTo(place, signal);
    this.forget();
    // Hashes are of what a board holds, whose weights may lie otherwise on another.
    const { name, imageBytes } = this.board.info;
    if (name !== before.name || imageBytes !== before.imageBytes)
      this.note(`this board holds another model than ${before.name}`);
    this.greet();
  }

  private reset(): void {
    this.forget();
    this.note('starting afresh');
  }

  private forget(): void {
    this.started = false;
    this.counted = 0;
  }

  private async stats(): Promise<void> {
    const counted = await countBoard(this.board);
    if (this.io.json)
      return this.io.emit({ type: 'stats', ...counted.stats, pingMs: counted.pingMs, line: counted.line });
    this.greet();
    for (const line of describeCounts(this.board, counted)) this.note(line);
  }

  private help(): void {
    if (this.board.info.kind === 'language_model') this.note('Type a text to go on from. An empty line: go on.');
    else this.note('Type a sentence to label.');
    this.note(TEXT_HELP);
    const { exit: _, ...shown } = this.commands;
    for (const line of helpOn(shown)) this.note(line);
  }

  private wrongKind(what: string, remedy: string): LinnetError {
    return new LinnetError('wrong_kind', `${this.board.info.name} ${what}`, this.board.facts.board, remedy);
  }

  private note(line: string): void {
    this.io.note(this.colours.dim(printable(line)));
  }
}
