/** Quality of a model on real text, int8 beside float: what `eval` and `quantize --eval` report. */
import type { TextModel } from '../model.js';
import type { Io } from './command.js';
import type { Example } from './labelled.js';
import { startProgress } from './progress.js';

/** A figure for the image and, where there is a checkpoint to compare with, for the float model. */
export interface Pair {
  readonly int8: number;
  readonly float?: number;
}

export interface TextQuality {
  readonly tokens: number;
  readonly perplexity: Pair;
  readonly bitsPerCharacter: Pair;
}

export interface LabelledQuality {
  readonly examples: number;
  /** Share of right labels, 0 … 1. */
  readonly accuracy: Pair;
}

/** What can be judged: an image on any target, or the float model. */
export interface Judge {
  score: TextModel['score'];
  /** The label of a sentence. */
  label(text: string): Promise<string>;
}

export interface Judged {
  readonly int8: Judge;
  readonly float?: Judge | undefined;
}

export function judgeImage(model: TextModel): Judge {
  return {
    score: (text, options) => model.score(text, options),
    label: async (text) => (await model.classify(text)).label,
  };
}

export async function textQuality(io: Io, text: string, { int8, float }: Judged): Promise<TextQuality> {
  const score = async (model: Judge, name: string) => {
    const progress = startProgress(io, `scoring, ${name}`);
    try {
      return await model.score(text, { signal: io.signal, onProgress: progress.update });
    } finally {
      progress.stop();
    }
  };
  const ours = await score(int8, 'int8');
  const theirs = float && (await score(float, 'float'));
  const characters = Array.from(text).length;
  const bits = (nll: number): number => round(nll / Math.LN2 / characters);
  return {
    tokens: ours.tokens,
    perplexity: pair(round(ours.perplexity), theirs && round(theirs.perplexity)),
    bitsPerCharacter: pair(bits(ours.negativeLogLikelihood), theirs && bits(theirs.negativeLogLikelihood)),
  };
}

/** @param labels in the order `Example.label` counts */
export async function labelledQuality(
  io: Io,
  examples: readonly Example[],
  labels: readonly string[],
  { int8, float }: Judged,
): Promise<LabelledQuality> {
  const accuracy = async (model: Judge, name: string) => {
    const progress = startProgress(io, `classifying, ${name}`);
    let right = 0;
    try {
      for (const [i, { text, label }] of examples.entries()) {
        if ((await model.label(text)) === labels[label]) right++;
        io.signal.throwIfAborted();
        progress.update(i + 1, examples.length);
      }
    } finally {
      progress.stop();
    }
    return round(right / examples.length);
  };
  const ours = await accuracy(int8, 'int8');
  return { examples: examples.length, accuracy: pair(ours, float && (await accuracy(float, 'float'))) };
}

/** One sentence for people. */
export function describeQuality(quality: TextQuality | LabelledQuality): string {
  const side = ({ int8, float }: Pair, show: (x: number) => string): string =>
    `int8 ${show(int8)}` + (float === undefined ? '' : `, float ${show(float)}`);
  if ('accuracy' in quality)
    return `accuracy on ${quality.examples} examples: ${side(quality.accuracy, (x) => `${(x * 100).toFixed(2)} %`)}`;
  return (
    `perplexity on ${quality.tokens} tokens: ${side(quality.perplexity, (x) => x.toFixed(3))}\n` +
    `bits per character: ${side(quality.bitsPerCharacter, (x) => x.toFixed(4))}`
  );
}

function pair(int8: number, float: number | undefined): Pair {
  return float === undefined ? { int8 } : { int8, float };
}

const round = (x: number): number => Number(x.toPrecision(8));
