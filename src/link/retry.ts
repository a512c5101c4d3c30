/** When to ask again, and when to give up. */

export interface LinkTiming {
  /** Wait before the first repetition while nothing is known about the line, ms. */
  readonly firstTimeout: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  /** Silence, no valid frame at all, after which the board counts as gone, ms. */
  readonly giveUp: number;
  /** Time without progress after which a board that still talks counts as stuck, ms. */
  readonly stuck: number;
}

export const DEFAULT_TIMING: LinkTiming = {
  firstTimeout: 250,
  minTimeout: 50,
  maxTimeout: 2000,
  giveUp: 12_000,
  stuck: 120_000,
};

/**
 * Times the usual wait that repetitions are apart at most, once it is known. RFC 6298 doubles without end, for there a
 * loss means that the net is overfull; here it means a damaged byte, and waiting longer mends nothing.
 */
const MOST_BACKOFF = 4;

/** Smoothed waiting time (RFC 6298: mean + 4 deviations), so that a fast line recovers fast. */
export class WaitEstimate {
  private mean: number | undefined;
  private deviation = 0;

  /** Only waits that needed no repetition: of the others nobody knows what was answered (Karn). */
  add(milliseconds: number): void {
    if (this.mean === undefined) {
      this.mean = milliseconds;
      this.deviation = milliseconds / 2;
      return;
    }
    this.deviation += (Math.abs(milliseconds - this.mean) - this.deviation) / 4;
    this.mean += (milliseconds - this.mean) / 8;
  }

  timeout({ firstTimeout, minTimeout, maxTimeout }: LinkTiming): number {
    if (this.mean === undefined) return firstTimeout;
    return Math.min(Math.max(this.mean + 4 * this.deviation, minTimeout), maxTimeout);
  }

  /** The longest wait between repetitions. */
  longest(timing: LinkTiming): number {
    if (this.mean === undefined) return timing.maxTimeout;
    return Math.min(MOST_BACKOFF * this.timeout(timing), timing.maxTimeout);
  }
}

/** One wait: calls `repeat` ever more slowly until stopped, or `giveUp` once, when all hope is gone. */
export class Retry {
  private readonly started = performance.now();
  private delay: number;
  private timer: NodeJS.Timeout;
  private count = 0;
  private stopped = false;

  constructor(
    private readonly timing: LinkTiming,
    private readonly estimate: WaitEstimate,
    private readonly lastHeard: () => number,
    private readonly repeat: (count: number) => void,
    private readonly giveUp: (silent: boolean) => void,
  ) {
    this.delay = estimate.timeout(timing);
    this.timer = setTimeout(() => this.fire(), this.delay);
  }

  /** Ends the wait. @param answered whether what was waited for came */
  stop(answered: boolean): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.stopped = true;
    if (answered && this.count === 0) this.estimate.add(performance.now() - this.started);
  }

  private fire(): void {
    const now = performance.now();
    const silence = now - Math.max(this.started, this.lastHeard());
    if (silence >= this.timing.giveUp) return this.giveUp(true);
    if (now - this.started >= this.timing.stuck) return this.giveUp(false);
    this.repeat(++this.count);
    if (this.stopped) return; // repeating found the line gone
    this.delay = Math.min(this.delay * 2, this.estimate.longest(this.timing));
    this.timer = setTimeout(() => this.fire(), Math.min(this.delay, this.timing.giveUp));
  }
}
