/** What this CPU can do at most, by native/bench/cpu_limits.cc. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../models/linnet.js';

export interface CpuLimits {
  /** ns of a 512-bit vpdpbusd, 64 multiply-accumulates, when nothing holds it up. */
  readonly vnni_nanoseconds: number;
  /** Of the second-level cache. */
  readonly l2_bytes_a_nanosecond: number;
}

/** @returns null on a CPU without AVX-512-VNNI */
export function cpuLimits(): CpuLimits | null {
  const folder = join(ROOT, 'build-native');
  run('cmake', '-S', ROOT, '-B', folder);
  run('cmake', '--build', folder, '--target', 'linnet_cpu_limits');
  return JSON.parse(run(join(folder, 'linnet_cpu_limits'))) as CpuLimits | null;
}

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** µs that a token of a scored text takes at least. */
export interface ScoringFloor {
  /** What all tokens of a batch do together: a vpdpbusd for 64 multiply-accumulates. */
  readonly multiply: number;
  /** Reading the recurrent matrices, which each token needs the result of before the next can begin. */
  readonly read: number;
}

/** Of two LSTM layers of 200 and 10,000 words. */
export function scoringFloor({ vnni_nanoseconds, l2_bytes_a_nanosecond }: CpuLimits): ScoringFloor {
  const [layers, size, words] = [2, 200, 10_000];
  const recurrent = layers * 4 * size * size;
  const together = words * size + layers * 4 * size * size;
  return {
    multiply: ((together / 64) * vnni_nanoseconds) / 1000,
    read: recurrent / l2_bytes_a_nanosecond / 1000,
  };
}
