/** The emulated chip's time: it follows the core's cycles, and goes on by itself while the core sleeps. */
import type { RP2040 } from 'rp2040js';

type Clock = RP2040['clock'];
type AlarmOf = ReturnType<Clock['createAlarm']>;

export class CycleClock implements Clock {
  /** Counts the core's cycles. Set as soon as there is a core. */
  core: { readonly cycles: number } = { cycles: 0 };
  private baseNanos = 0;
  private baseCycles = 0;
  private nanosPerCycle = 1;
  private readonly pending = new Set<Alarm>();
  private nextAt = Infinity;

  constructor(hz: number) {
    this.nanosPerCycle = 1e9 / hz;
  }

  get nanos(): number {
    return this.baseNanos + (this.core.cycles - this.baseCycles) * this.nanosPerCycle;
  }

  /** From now on a cycle takes 1 / hz. */
  set frequency(hz: number) {
    this.skip(0);
    this.nanosPerCycle = 1e9 / hz;
  }

  /** Time passes in which the core does nothing. */
  skip(nanos: number): void {
    this.baseNanos = this.nanos + nanos;
    this.baseCycles = this.core.cycles;
  }

  createAlarm(callback: () => void): AlarmOf {
    return new Alarm(this, callback);
  }

  /** Runs the alarms that are due. */
  ring(): void {
    while (this.nextAt <= this.nanos) {
      const due = [...this.pending].find(({ at }) => at === this.nextAt)!;
      this.remove(due);
      due.callback();
    }
  }

  add(alarm: Alarm): void {
    this.pending.add(alarm);
    if (alarm.at < this.nextAt) this.nextAt = alarm.at;
  }

  remove(alarm: Alarm): void {
    if (!this.pending.delete(alarm) || alarm.at > this.nextAt) return;
    this.nextAt = Infinity;
    for (const { at } of this.pending) if (at < this.nextAt) this.nextAt = at;
  }
}

class Alarm {
  at = Infinity;

  constructor(
    private readonly clock: CycleClock,
    readonly callback: () => void,
  ) {}

  schedule(deltaNanos: number): void {
    this.cancel();
    this.at = this.clock.nanos + deltaNanos;
    this.clock.add(this);
  }

  cancel(): void {
    this.clock.remove(this);
  }
}
