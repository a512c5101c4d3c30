/** Everything docs/models.md says of a model, measured. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../src/index.js';
import { testSet } from './corpora.js';
import { linnet } from './linnet.js';
import { exportOnnx } from './onnx.js';
import type { Row } from './rows.js';

/** What docs/models.json keeps of a row. */
export interface Result {
  readonly parameters: number;
  readonly imageBytes: number;
  /** State and scratch. */
  readonly ramBytes: number;
  /** Perplexity, or accuracy in %; absent until its corpus was at hand. */
  readonly quality?: Quality;
  /** How an export of torch.onnx came out; absent until PyTorch was at hand. */
  readonly onnx?: 'same integers' | 'same quality' | 'differs';
  /** Answers equal to those of the portable C++ kernels. */
  readonly native: boolean;
  readonly reference: boolean;
  readonly board?: { readonly name: string; readonly same: boolean };
}

export interface Quality {
  readonly float: number;
  readonly int8: number;
  /** Tokens or examples. */
  readonly of: number;
}

interface Inspected {
  readonly kind: 'language_model' | 'classifier';
  readonly parameters: number;
  readonly bytes: number;
  readonly stateBytes: number;
  readonly scratchBytes: number;
  readonly boards: Readonly<Record<string, { readonly fits: boolean }>>;
}

/** Smallest first. */
const BOARDS = ['microbit', 'netduinoplus2', 'mps2-an386'];

/**
 * @param checkpoint folder of the model
 * @param before what is known of it, kept where it cannot be measured here
 */
export async function measure(row: Row, checkpoint: string, work: string, before: Result | undefined): Promise<Result> {
  const image = join(work, `${row.name}.linnet`);
  linnet(['quantize', checkpoint, '-o', image]);
  const [inspected] = linnet<Inspected>(['inspect', image]) as [Inspected];
  const board = BOARDS.find((name) => inspected.boards[name]?.fits);
  const answers = answersOf(inspected.kind, image, checkpoint);
  const expected = answers('--engine', 'native', '--kernels', 'reference');
  const test = testSet(row, work);
  return {
    parameters: inspected.parameters,
    imageBytes: inspected.bytes,
    ramBytes: inspected.stateBytes + inspected.scratchBytes,
    quality: test ? qualityOf(image, test, checkpoint) : before?.quality,
    onnx: (await throughOnnx(row, checkpoint, image, work, test)) ?? before?.onnx,
    native: answers('--engine', 'native') === expected,
    reference: answers('--engine', 'reference') === expected,
    board: board === undefined ? undefined : { name: board, same: answers('--board', board) === expected },
  };
}

interface Evaluated {
  readonly perplexity?: { readonly int8: number; readonly float: number };
  readonly accuracy?: { readonly int8: number; readonly float: number };
  readonly tokens?: number;
  readonly examples?: number;
}

function qualityOf(image: string, test: readonly string[], against: string): Quality {
  const [{ perplexity, accuracy, tokens, examples }] = linnet<Evaluated>([
    'eval',
    image,
    ...test,
    '--against',
    against,
  ]) as [Evaluated];
  if (perplexity) return { ...perplexity, of: tokens! };
  return { float: 100 * accuracy!.float, int8: 100 * accuracy!.int8, of: examples! };
}

/** Some of what a model says, as text to compare: a seeded generation, or the scores of its calibration sentences. */
function answersOf(kind: Inspected['kind'], image: string, checkpoint: string) {
  const sentences = kind === 'classifier' ? readFileSync(join(checkpoint, 'calibration.txt'), 'utf8') : '';
  const asked =
    kind === 'classifier'
      ? ['classify', image]
      : ['generate', image, '--prompt', 'the', '--tokens', '40', '--seed', '7', '--temperature', '0.8'];
  return (...target: string[]): string => {
    const lines = linnet<{ type?: string }>([...asked, ...target], sentences.split('\n').slice(0, 20).join('\n'));
    return JSON.stringify(lines.filter(({ type }) => type !== 'done'));
  };
}

/** undefined where PyTorch with ONNX is not at hand. */
async function throughOnnx(
  row: Row,
  checkpoint: string,
  direct: string,
  work: string,
  test: readonly string[] | undefined,
): Promise<Result['onnx']> {
  const path = exportOnnx(checkpoint, join(work, 'onnx', row.name));
  if (path === undefined) return undefined;
  const image = join(work, `${row.name}.onnx.linnet`);
  const calibration = join(checkpoint, 'calibration.txt');
  linnet(['quantize', path, '-o', image, ...(existsSync(calibration) ? ['--calibrate', calibration] : [])]);
  if ((await digest(image)) === (await digest(direct))) return 'same integers';
  if (!test) return undefined;
  const ratio = qualityOf(image, test, path).int8 / qualityOf(direct, test, checkpoint).int8;
  return Math.abs(ratio - 1) < 1e-3 ? 'same quality' : 'differs';
}

async function digest(image: string): Promise<string> {
  const model = await load(image);
  try {
    return await model.selfTest();
  } finally {
    await model.close();
  }
}
