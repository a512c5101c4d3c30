/** One generated answer and how fast it came. */
import type { Token } from '../../model.js';

export class Answer {
  text = '';
  readonly ids: number[] = [];
  private readonly start = performance.now();
  private first = this.start;

  add(token: Token): void {
    if (this.ids.length === 0) this.first = performance.now();
    this.ids.push(token.id);
    this.text += token.text;
  }

  get tokens(): number {
    return this.ids.length;
  }

  /** To the first token, ms. */
  get firstAfter(): number {
    return this.first - this.start;
  }

  /** Since the question, s. */
  get seconds(): number {
    return (performance.now() - this.start) / 1000;
  }

  /** Tokens a second; undefined for fewer than two. Call it when the last has come. */
  rate(): number | undefined {
    // The first token also pays for the prompt, so the rate is that of the others.
    return this.tokens > 1 ? ((this.tokens - 1) * 1000) / (performance.now() - this.first) : undefined;
  }
}

/** "1,234 tokens/s", or "" */
export function showRate(rate: number | undefined): string {
  if (rate === undefined) return '';
  return `${rate < 10 ? rate.toFixed(1) : rate.toFixed(0)} tokens/s`;
}
