/** What the kernels cost on a board, and a whole token: instructions, where the board's ticks are such. */
import type { BoardSpec } from '../boards/registry.js';
import { openImage } from '../image/read.js';
import { needOn } from '../report/summary.js';
import { OpType } from '../schema/image.js';
import { convClassifier, languageModel } from './board-images.js';
import { runBench, type BenchRun } from './board-run.js';

export interface KernelCount {
  readonly instructions: number;
  /** For each multiply-accumulate; undefined where there is more than those. */
  readonly per_mac?: number;
}

export interface BoardCounts {
  readonly kernels: Readonly<Record<string, KernelCount>>;
  /** Memory the language model takes, bytes. */
  readonly ram: number;
  /** Self-test digests and the images they are of. */
  readonly proofs: readonly { readonly image: Uint8Array; readonly digest: string }[];
}

/** Rows as long as those of the peers' figures, where the language model's are shorter. */
const LINEAR = { hidden: 200, vocab: 800 };

/**
 * The models to measure with: the largest that fit, flash and RAM. `linear` has no recurrent layer, and is there where
 * the language model's rows are shorter than its; no `conv` where that does not fit.
 */
export function benchImages(board: BoardSpec): {
  lm: Uint8Array;
  lmShape: { vocab: number; hidden: number };
  linear: Uint8Array | undefined;
  conv: Uint8Array | undefined;
} {
  const fits = (image: Uint8Array): boolean => needOn(board, openImage(image, 'bench')).fits;
  const shapes = [
    { vocab: 10_000, hidden: 200 },
    { vocab: 1_000, hidden: 200 },
    { vocab: 600, hidden: 96 },
    { vocab: 256, hidden: 48 },
  ];
  for (const lmShape of shapes) {
    const lm = languageModel({ ...lmShape, layers: 1 });
    if (!fits(lm)) continue;
    const conv = convClassifier({ vocab: 100, channels: 64, filters: 64, kernel: 3, steps: 20 });
    const linear = lmShape.hidden < LINEAR.hidden ? languageModel({ ...LINEAR, layers: 0 }) : undefined;
    return {
      lm,
      lmShape,
      linear: linear && fits(linear) ? linear : undefined,
      conv: fits(conv) ? conv : undefined,
    };
  }
  throw new RangeError(`no model to measure with fits ${board.name}`);
}

/**
 * Boots the board for each model. Kernels are named by their shapes, such as linear_200x10000, lstm_200, conv_20x64_3x64.
 * @throws LinnetError of runBench
 */
export async function measureBoard(board: BoardSpec): Promise<BoardCounts> {
  const { lm, lmShape, linear, conv } = benchImages(board);
  const language = await runBench(board, lm);
  const longer = linear && (await runBench(board, linear));
  const classifier = conv && (await runBench(board, conv));
  const { hidden, vocab } = lmShape;
  return {
    kernels: {
      [`linear_${hidden}x${vocab}`]: countOf(language, OpType.linear),
      [`lstm_${hidden}`]: countOf(language, OpType.lstm),
      [`token_1x${hidden}_${vocab}`]: { instructions: language.token! },
      ...(longer && { [`linear_${LINEAR.hidden}x${LINEAR.vocab}`]: countOf(longer, OpType.linear) }),
      ...(classifier && { conv_20x64_3x64: countOf(classifier, OpType.conv) }),
    },
    ram: language.ram,
    proofs: [
      { image: lm, digest: language.digest },
      ...(longer ? [{ image: linear, digest: longer.digest }] : []),
      ...(classifier ? [{ image: conv, digest: classifier.digest }] : []),
    ],
  };
}

function countOf({ ops }: BenchRun, type: number): KernelCount {
  const { ticks, macs } = ops.find((op) => op.type === type)!;
  return { instructions: ticks, per_mac: Math.round((ticks / macs) * 1000) / 1000 };
}
