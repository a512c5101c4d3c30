/** A program that connects to a board, asks it this and that, checks every answer against native's, and leaves. */
import { isModel } from '../../src/boards/board-image.js';
import assert from 'node:assert/strict';
import type { LocalModel } from '../../src/engine/load.js';
import { connectTransport, type Board, type BoardStats } from '../../src/link/board.js';
import type { Transport } from '../../src/link/transport.js';
import type { GenerateOptions, TextModel } from '../../src/model.js';
import { answerOf } from '../boards/suite/answers.js';
import { TypedConsole } from './console.js';

/** A model, and the same model here. */
export interface Known {
  readonly image: Uint8Array;
  readonly native: LocalModel;
}

export interface VisitOptions {
  /** 0 … 1 */
  readonly random: () => number;
  /** The line damages nothing: then nothing may be lost at all, and the console can be read. */
  readonly clean: boolean;
  /** Models to upload in turn; one, if the board takes no uploads. The first is on it now. */
  readonly models: readonly Known[];
  readonly board: string;
}

export const KINDS = [
  'hello',
  'generate',
  'continue',
  'cancel',
  'classify',
  'score',
  'stats',
  'ping',
  'console',
  'upload',
] as const;
export type Kind = (typeof KINDS)[number];

const PROMPTS = ['once upon', 'a', 'the quick brown fox jumps over the lazy dog', 'x y z '];
const SENTENCES = ['a gorgeous , witty film', 'so dull', 'what is it ?', 'one two three four five six seven eight'];

export class Visit {
  private readonly random: () => number;
  private now: Known;
  private others: Known[];
  private typed!: TypedConsole;
  private board!: Board;
  private before: BoardStats | undefined;
  /** Tokens asked for and got; a cancelled generation may have made more. */
  private tokens = 0;

  constructor(private readonly options: VisitOptions) {
    this.random = options.random;
    [this.now, ...this.others] = options.models as [Known, ...Known[]];
  }

  /** The models, what is on the board now first. */
  get models(): readonly Known[] {
    return [this.now, ...this.others];
  }

  /** @throws LinnetError, AssertionError */
  async hello(line: Transport): Promise<void> {
    this.typed = new TypedConsole(line);
    const tokenize = (text: string): ArrayLike<number> => this.now.native.encode(text);
    this.board = await connectTransport(line, { onConsole: this.typed.hear, tokenize });
    assert.equal(this.board.facts.board, this.options.board);
    assert.ok(isModel(this.board.info.sha256, this.now.image));
    if (this.options.clean) this.before = await this.board.stats();
  }

  /** What can be asked now, one of it. */
  pick(): Exclude<Kind, 'hello'> {
    const isText = this.now.native.info.kind === 'language_model';
    const some: Exclude<Kind, 'hello'>[] = ['stats', 'ping'];
    if (isText) some.push('generate', 'generate', 'continue', 'cancel', 'score');
    else some.push('classify', 'classify', 'classify');
    if (this.options.clean) some.push('console');
    if (this.others.length > 0 && this.random() < 0.3) some.push('upload');
    return this.oneOf(some);
  }

  /** Asks. @throws LinnetError, AssertionError */
  async ask(kind: Exclude<Kind, 'hello'>): Promise<void> {
    return this[kind]();
  }

  /** Looks back at what the board counted, and goes. @throws AssertionError */
  async leave(): Promise<void> {
    try {
      if (!this.before) return;
      const after = await this.board.stats();
      assert.equal(after.badFrames, this.before.badFrames, 'frames were damaged on a clean line');
      assert.equal(after.lostBytes, this.before.lostBytes, 'the board lost bytes');
      assert.ok(after.tokens - this.before.tokens >= this.tokens, 'the board was reset, or miscounts');
      assert.equal(this.board.line.badFrames, 0, 'damaged frames came over a clean line');
    } finally {
      await this.board.close();
    }
  }

  private async generate(): Promise<void> {
    const [prompt, options] = [this.oneOf(PROMPTS), this.sampling()];
    const expected = await answerOf(this.now.native, prompt, options);
    const got = { text: '', ids: [] as number[] };
    for await (const { id, text } of this.board.generate(prompt, options)) {
      got.text += text;
      got.ids.push(id);
      if (got.ids.length % 20 === 7) await (this.random() < 0.5 ? this.board.ping() : this.board.stats());
    }
    assert.deepEqual(got, expected);
    this.tokens += got.ids.length;
  }

  private async continue(): Promise<void> {
    const [prompt, first, second] = [this.oneOf(PROMPTS), this.sampling(), { ...this.sampling(), keepState: true }];
    const halves = async (model: Pick<TextModel, 'generate'>): Promise<unknown> => [
      await answerOf(model, prompt, first),
      await answerOf(model, '', second),
    ];
    assert.deepEqual(await halves(this.board), await halves(this.now.native));
    this.tokens += first.maxTokens + second.maxTokens;
  }

  private async cancel(): Promise<void> {
    const prompt = this.oneOf(PROMPTS);
    const options = { ...this.sampling(), maxTokens: this.upTo(40) };
    const expected = await answerOf(this.now.native, prompt, options);
    const stop = new AbortController();
    const leave = this.random() < 0.5;
    const ids: number[] = [];
    try {
      for await (const { id } of this.board.generate(prompt, {
        ...options,
        maxTokens: 1_000_000,
        signal: stop.signal,
      })) {
        ids.push(id);
        if (ids.length < options.maxTokens) continue;
        if (leave) break;
        stop.abort(new Error('enough'));
      }
    } catch (error) {
      assert.equal((error as Error).message, 'enough');
    }
    assert.deepEqual(ids, expected.ids);
    this.tokens += ids.length;
  }

  private async classify(): Promise<void> {
    const sentence = this.oneOf(SENTENCES);
    assert.deepEqual(await this.board.classify(sentence), await this.now.native.classify(sentence));
  }

  private async score(): Promise<void> {
    const text = Array.from({ length: this.upTo(600) }, () => String.fromCharCode(96 + this.upTo(26))).join('');
    assert.deepEqual(await this.board.score(text), await this.now.native.score(text));
  }

  private async stats(): Promise<void> {
    const { tokens } = await this.board.stats();
    assert.ok(tokens >= this.tokens, 'it counts fewer tokens than it sent');
  }

  private async ping(): Promise<void> {
    await this.board.ping();
  }

  private async console(): Promise<void> {
    const { native } = this.now;
    const info = await this.typed.ask('/info');
    assert.ok(info.includes(`board ${this.options.board}`) && info.includes(native.info.name), info);
    if (native.info.kind === 'classifier') {
      const sentence = this.oneOf(SENTENCES);
      const { label } = await native.classify(sentence);
      const answer = await this.typed.ask(sentence);
      assert.ok(answer.startsWith(`${sentence}\r\n${label} `), answer);
      return;
    }
    const [prompt, seed, maxTokens] = [this.oneOf(PROMPTS), this.upTo(1000), this.upTo(30)];
    await this.typed.ask(`/seed ${seed}`);
    await this.typed.ask(`/tokens ${maxTokens}`);
    const { text } = await answerOf(native, prompt, { seed, maxTokens });
    assert.equal(await this.typed.ask(prompt), `${prompt}\r\n${prompt}${text}`);
  }

  private async upload(): Promise<void> {
    const [next, ...rest] = this.others as [Known, ...Known[]];
    await this.board.upload(next.image);
    this.others = [...rest, this.now];
    this.now = next;
    assert.ok(isModel(this.board.info.sha256, next.image));
  }

  private sampling(): GenerateOptions & { maxTokens: number } {
    return {
      maxTokens: this.upTo(80),
      seed: this.upTo(1e9),
      temperature: this.oneOf([0, 0.8, 1.5]),
      topK: this.oneOf([0, 5, 40]),
    };
  }

  /** 1 … most */
  private upTo(most: number): number {
    return 1 + Math.floor(this.random() * most);
  }

  private oneOf<T>(some: readonly T[]): T {
    return some[Math.floor(this.random() * some.length)]!;
  }
}
