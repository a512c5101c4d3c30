/** The host part of the bench: each case of the acceptance table, side by side with the peer where it is installed. */
import { cpus, loadavg } from 'node:os';
import { requireAddon, selectKernels } from '../engine/native-addon.js';
import { coldCaches } from './cases/cold.js';
import { freshProcesses } from './cases/fresh.js';
import { growth } from './cases/growth.js';
import {
  decoder,
  languageModel,
  LM,
  type LanguageModel,
  peerDecoder,
  peerScorer,
  scorer,
} from './cases/language-model.js';
import { manySessions } from './cases/sessions.js';
import { classifier, peerClassifier, TEXT_CNN, textCnn } from './cases/text-cnn.js';
import { type Contender, duel, type Duel } from './measure.js';
import { findPeer, type Peer } from './onnx-runtime.js';
import type { Case, HostCase, HostResults, Machine } from './results.js';

export const HOST_CASES: readonly HostCase[] = ['lm_step', 'lm_score', 'lm_step_avx2', 'textcnn', 'rss', 'load'];

export interface BenchOptions {
  /** Which cases; default all. */
  readonly cases?: readonly HostCase[];
  /** Rounds of each case; the median counts. */
  readonly rounds: number;
  /** fp32 and the other forms of the peer too. */
  readonly others: boolean;
  /** How time grows with size, many sessions at once, cold caches: not side by side, ours alone. */
  readonly more: boolean;
  readonly onCase?: (name: string) => void;
  readonly signal?: AbortSignal;
}

/** @throws {LinnetError} tool_missing without the addon */
export async function benchHost(options: BenchOptions): Promise<HostResults> {
  const { cases = HOST_CASES, onCase } = options;
  const addon = requireAddon();
  const kernels = addon.kernels();
  const before = loadavg()[0]!;
  const peer = await findPeer();
  const host: Partial<Record<HostCase, Case>> = {};
  const lm = await languageModel(LM);
  for (const name of cases) {
    if (name === 'lm_step_avx2' && !addon.kernelVariants().some((v) => v.name === 'avx2' && v.available)) continue;
    onCase?.(name);
    if (name === 'lm_step_avx2') selectKernels(addon, 'avx2', 'bench');
    try {
      host[name] = await CASES[name](lm, peer, options);
    } finally {
      if (name === 'lm_step_avx2') selectKernels(addon, kernels, 'bench');
    }
  }
  const more = options.more ? await benchMore(lm, options) : {};
  return { host, machine: machineOf(kernels, peer, before), ...more };
}

async function benchMore(lm: LanguageModel, { onCase, signal }: BenchOptions) {
  onCase?.('sessions');
  const sessions = await manySessions(lm, signal);
  onCase?.('cold caches');
  const cold = await coldCaches(await textCnn(TEXT_CNN));
  return { sessions, cold, growth: await growth(onCase, signal) };
}

type Measure = (lm: LanguageModel, peer: Peer | undefined, options: BenchOptions) => Promise<Case>;

const CASES: Record<HostCase, Measure> = {
  lm_step: step,
  lm_step_avx2: (lm, peer, options) => step(lm, peer, { ...options, others: false }),
  lm_score: (lm, peer, options) =>
    timed('µs a token', options, [scorer(lm)], peer, [
      (p) => peerScorer(p, lm, 'int8', 'log_p'),
      ...(options.others
        ? [(p: Peer) => peerScorer(p, lm, 'int8', 'logit'), (p: Peer) => peerScorer(p, lm, 'float', 'log_p')]
        : []),
    ]),
  async textcnn(_, peer, options) {
    const cnn = await textCnn(TEXT_CNN);
    return timed('µs a sentence', options, [classifier(cnn)], peer, [
      (p) => peerClassifier(p, cnn, 'int8'),
      ...(options.others ? [(p: Peer) => peerClassifier(p, cnn, 'float')] : []),
    ]);
  },
  async rss(lm, peer, { rounds, signal }) {
    const { linnet, ort_int8 } = await freshProcesses(lm, peer, rounds, signal);
    return compared('MB over bare Node', linnet!.rss / 2 ** 20, ort_int8 && ort_int8.rss / 2 ** 20);
  },
  async load(lm, peer, { rounds, signal }) {
    const { linnet, ort_int8 } = await freshProcesses(lm, peer, rounds, signal);
    return compared('ms', linnet!.milliseconds, ort_int8?.milliseconds);
  },
};

function step(lm: LanguageModel, peer: Peer | undefined, options: BenchOptions): Promise<Case> {
  return timed('µs a token', options, [decoder(lm)], peer, [
    (p) => peerDecoder(p, lm, 'int8'),
    ...(options.others ? [(p: Peer) => peerDecoder(p, lm, 'float')] : []),
  ]);
}

async function timed(
  unit: string,
  { rounds, signal }: BenchOptions,
  ours: Contender[],
  peer: Peer | undefined,
  theirs: readonly ((peer: Peer) => Promise<Contender>)[],
): Promise<Case> {
  const rivals = peer ? await Promise.all(theirs.map((open) => open(peer))) : [];
  return caseOf(unit, await duel([...ours, ...rivals], rounds, signal));
}

function caseOf(unit: string, { timings, ratios, cpuRatios }: Duel): Case {
  const { linnet, ort_int8, ...others } = timings;
  const each = <T>(of: (name: string) => T) => Object.fromEntries(Object.keys(timings).map((name) => [name, of(name)]));
  return {
    unit,
    linnet: rounded(linnet!.median),
    ...(ort_int8 && { ort_int8: rounded(ort_int8.median), ratio: rounded(ratios['ort_int8']!) }),
    ...(Object.keys(others).length > 0 && {
      others: Object.fromEntries(Object.entries(others).map(([name, { median }]) => [name, rounded(median)])),
    }),
    spread: each((name) => [rounded(timings[name]!.least), rounded(timings[name]!.most)] as const),
    cpu: each((name) => rounded(timings[name]!.cpu)),
    ...(ort_int8 && { cpu_ratio: rounded(cpuRatios['ort_int8']!) }),
  };
}

function compared(unit: string, linnet: number, ort_int8: number | undefined): Case {
  const ours = { unit, linnet: rounded(linnet) };
  return ort_int8 === undefined ? ours : { ...ours, ort_int8: rounded(ort_int8), ratio: rounded(ort_int8 / linnet) };
}

/** To three digits: more would pretend. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function machineOf(kernels: string, peer: Peer | undefined, before: number): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    kernels,
    ...(peer && { peer: peer.env.versions.node ?? peer.env.versions.common }),
    load: [rounded(before), rounded(loadavg()[0]!)],
    date: new Date().toISOString().slice(0, 10),
  };
}
