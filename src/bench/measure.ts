/** Timing on a machine that others use too: contenders take turns, so that what disturbs one disturbs all. */

export interface Contender {
  readonly name: string;
  /** Does some work and resolves with how much, in units (tokens, sentences). */
  work(): Promise<number>;
  close(): Promise<void>;
}

export interface Timing {
  /** µs a unit: the median of the rounds, the fastest and the slowest. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Processor time of the whole process, µs a unit: what other programs disturb less. */
  readonly cpu: number;
}

export interface Duel {
  readonly timings: Readonly<Record<string, Timing>>;
  /** How many times as fast the first contender is as the one named: the median over the rounds. */
  readonly ratios: Readonly<Record<string, number>>;
  /** The same by processor time. */
  readonly cpuRatios: Readonly<Record<string, number>>;
}

interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs the contenders in turn, after one round to warm up, and closes them. */
export async function duel(contenders: readonly Contender[], rounds: number, signal?: AbortSignal): Promise<Duel> {
  const samples = contenders.map((): Sample[] => []);
  try {
    for (let round = -1; round < rounds; round++)
      for (const [i, contender] of contenders.entries()) {
        signal?.throwIfAborted();
        const sample = await measure(contender);
        if (round >= 0) samples[i]!.push(sample);
      }
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()));
  }
  const rivals = contenders.slice(1).map(({ name }, i) => [name, samples[i + 1]!] as const);
  const against = (of: (sample: Sample) => number) =>
    Object.fromEntries(
      rivals.map(([name, theirs]) => [name, median(theirs.map((s, r) => of(s) / of(samples[0]![r]!)))]),
    );
  return {
    timings: Object.fromEntries(contenders.map(({ name }, i) => [name, timingOf(samples[i]!)])),
    ratios: against(({ wall }) => wall),
    cpuRatios: against(({ cpu }) => cpu),
  };
}

async function measure(contender: Contender): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const units = await contender.work();
  const wall = Number(process.hrtime.bigint() - start) / 1e3 / units;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / units };
}

function timingOf(samples: readonly Sample[]): Timing {
  const walls = samples.map(({ wall }) => wall);
  return {
    median: median(walls),
    least: Math.min(...walls),
    most: Math.max(...walls),
    cpu: median(samples.map(({ cpu }) => cpu)),
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
