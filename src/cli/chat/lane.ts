/** One board of `--board all`: its answer so far, and how it ended. */
import { LinnetError } from '../../errors.js';
import type { Board } from '../../link/board.js';
import type { Classification, GenerateOptions } from '../../model.js';
import { Answer, showRate } from './answer.js';

export class Lane {
  /** As it came: control characters and all. */
  text = '';
  /** How it ended: a rate, or what went wrong. Undefined while it runs. */
  ending: string | undefined;
  /** Generated token ids, or scores: what must be equal everywhere. Undefined if it failed. */
  result: readonly number[] | undefined;
  /** Tokens a second. */
  rate: number | undefined;
  error: LinnetError | undefined;
  /** The board has a state worth going on from. */
  private started = false;

  constructor(
    readonly name: string,
    readonly board: Board,
  ) {}

  reset(): void {
    this.started = false;
  }

  /** @param changed called whenever there is more to show */
  async generate(prompt: string, options: GenerateOptions, changed: () => void): Promise<void> {
    await this.run(options.signal, changed, async () => {
      const answer = new Answer();
      for await (const token of this.board.generate(prompt, { ...options, keepState: this.started })) {
        answer.add(token);
        this.started = true;
        this.text += token.text;
        changed();
      }
      this.rate = answer.rate();
      this.ending = [`${answer.tokens} tokens`, showRate(this.rate)].filter(Boolean).join(', ');
      return answer.ids;
    });
  }

  async classify(text: string, signal: AbortSignal, changed: () => void): Promise<void> {
    await this.run(signal, changed, async () => {
      const start = performance.now();
      const { label, scores }: Classification = await this.board.classify(text);
      this.text = `${label} ${((scores[label] ?? 0) * 100).toFixed(1)} %`;
      this.ending = `${(performance.now() - start).toFixed(0)} ms`;
      return Object.values(scores);
    });
  }

  /** An error of one board is no reason to stop the others. */
  private async run(
    signal: AbortSignal | undefined,
    changed: () => void,
    work: () => Promise<readonly number[]>,
  ): Promise<void> {
    this.text = '';
    this.ending = this.result = this.rate = this.error = undefined;
    try {
      this.result = await work();
    } catch (error) {
      if (signal?.aborted) this.ending = 'stopped';
      else if (error instanceof LinnetError) {
        this.error = error;
        this.ending = error.what;
        this.started = false;
      } else throw error;
    } finally {
      changed();
    }
  }
}
