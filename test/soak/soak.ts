/** A board that is used for long, by one program after another: nothing may get lost, be wrong, or grow. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';
import { load } from '../../src/engine/load.js';
import { Bench } from '../boards/suite/bench.js';
import { tinyModel } from '../boards/tiny-model.js';
import { FaultyTransport } from '../link/faulty-transport.js';
import { random } from '../link/memory-transport.js';
import { growth, leaks, measure, type Sample } from './resources.js';
import { KINDS, Visit, type Kind, type Known } from './visit.js';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** After each visit. */
  readonly onVisit?: (soFar: SoakCounts) => void;
}

export interface SoakCounts {
  readonly seconds: number;
  readonly visits: number;
  /** Over a line that damages bytes. */
  readonly faultyVisits: number;
  readonly damagedBytes: number;
  readonly carriedBytes: number;
  readonly asked: Readonly<Record<Kind, number>>;
  /** Rightly. */
  readonly answered: Readonly<Record<Kind, number>>;
  /** Wrong answers, and requests that failed: kind, seed of the visit, and what happened. */
  readonly problems: readonly string[];
}

export interface SoakReport extends SoakCounts {
  readonly board: string;
  readonly first: Sample;
  readonly last: Sample;
  readonly grown: Sample;
}

/** Of every damage; each visit in four has it. */
const FAULT_RATE = 0.001;
const FAULTS = { drop: FAULT_RATE, flip: FAULT_RATE, duplicate: FAULT_RATE, delay: FAULT_RATE };
const ASKED_IN_A_VISIT = 12;
/** More would only say the same again. */
const MOST_PROBLEMS = 20;

/** @returns what happened; it is good if there are no problems */
export async function soak(spec: BoardSpec, { seconds, seed, onVisit }: SoakOptions): Promise<SoakReport> {
  const images = [tinyModel(3), ...(spec.image.upload ? [conformanceImage('cnn')] : [])];
  let models: readonly Known[] = await Promise.all(
    images.map(async (image) => ({ image, native: await load(image, { engine: 'native' }) })),
  );
  const asked = noCounts();
  const answered = noCounts();
  const problems: string[] = [];
  const samples: Sample[] = [];
  let [visits, faultyVisits, damagedBytes, carriedBytes] = [0, 0, 0, 0];
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const counts = (): SoakCounts => ({
    seconds: elapsed(),
    visits,
    faultyVisits,
    damagedBytes,
    carriedBytes,
    asked,
    answered,
    problems,
  });

  const bench = await Bench.start(spec, images[0]!);
  try {
    for (; elapsed() < seconds && problems.length < MOST_PROBLEMS; visits++) {
      const visitSeed = seed * 1_000_003 + visits;
      const clean = visits % 4 !== 3;
      const faults = clean ? {} : { toBoard: FAULTS, fromBoard: FAULTS };
      const line = new FaultyTransport(await bench.open(), { seed: visitSeed, ...faults });
      const visit = new Visit({ random: random(visitSeed), clean, models, board: spec.name });
      let kind: Kind = 'hello';
      try {
        asked.hello++;
        await visit.hello(line);
        answered.hello++;
        for (let i = 0; i < ASKED_IN_A_VISIT && elapsed() < seconds; i++) {
          kind = visit.pick();
          asked[kind]++;
          await visit.ask(kind);
          answered[kind]++;
        }
        await visit.leave();
      } catch (error) {
        problems.push(`${kind} (visit ${visits}, ${clean ? 'clean' : 'faulty'} line): ${String(error)}`);
        await line.close();
      }
      models = visit.models;
      faultyVisits += clean ? 0 : 1;
      damagedBytes += line.damaged;
      carriedBytes += line.carried;
      samples.push(measure(bench.pid));
      onVisit?.(counts());
    }
  } finally {
    await bench.stop();
    for (const { native } of models) await native.close();
  }
  const grown = growth(samples);
  problems.push(...leaks(grown));
  return { board: spec.name, ...counts(), first: samples[0]!, last: samples.at(-1)!, grown };
}

const noCounts = (): Record<Kind, number> => Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;

function conformanceImage(name: string): Uint8Array {
  return readFileSync(join(PACKAGE_ROOT, 'test', 'conformance', `${name}.linnet`));
}
