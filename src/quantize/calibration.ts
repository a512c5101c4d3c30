/** Which tokens to calibrate with: pieces of a text, or random ids for want of one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LinnetError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { vocabSizeOf } from '../tokenizer/tables.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import type { CalibrationSource } from './report.js';

/** A language model sees this many pieces, evenly spread over the text, of this many tokens. */
const PIECES = 16;
const PIECE_TOKENS = 512;
/** A classifier sees this many sentences, evenly spread. */
const SENTENCES = 512;

export interface Calibration {
  readonly sequences: readonly ArrayLike<number>[];
  readonly source: CalibrationSource;
}

/**
 * @param text for a classifier, a sentence a line; default: calibration.txt or heldout.txt in `dir`, else random ids
 * @throws LinnetError file_unreadable, input_empty
 */
export async function chooseCalibration(graph: Graph, dir: string, text?: string): Promise<Calibration> {
  if (text !== undefined) return { sequences: sequencesOf(graph, text), source: 'given' };
  for (const source of ['calibration.txt', 'heldout.txt'] as const) {
    const found = await readIfThere(join(dir, source));
    if (found !== undefined) return { sequences: sequencesOf(graph, found), source };
  }
  return { sequences: randomSequences(graph), source: 'random' };
}

/** The token ids of a text, cut as the model takes them. */
export function sequencesOf(graph: Graph, text: string): ArrayLike<number>[] {
  const tokenizer = new Tokenizer(graph.tokenizer);
  if (graph.kind === 'language_model') return spread(piecesOf(tokenizer.encode(text)), PIECES);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return spread(lines, SENTENCES).map((line) => tokenizer.encode(line).slice(0, graph.maxTokens));
}

function piecesOf(ids: readonly number[]): number[][] {
  const pieces: number[][] = [];
  for (let at = 0; at < ids.length; at += PIECE_TOKENS) pieces.push(ids.slice(at, at + PIECE_TOKENS));
  return pieces;
}

/** At most `count` items, evenly spread, in order. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** Uniform ids, the same every time. */
export function randomSequences(graph: Graph): number[][] {
  const vocabSize = vocabSizeOf(graph.tokenizer);
  let state = 1;
  const below = (bound: number) => {
    state = Math.imul(state, 1664525) + 1013904223; // Numerical Recipes' generator; the upper bits are good
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  };
  const ids = (length: number) => Array.from({ length }, () => below(vocabSize));
  if (graph.kind === 'language_model') return Array.from({ length: PIECES }, () => ids(PIECE_TOKENS));
  const { minTokens, maxTokens } = graph;
  return Array.from({ length: SENTENCES }, () => ids(minTokens + below(maxTokens - minTokens + 1)));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new LinnetError(
      'file_unreadable',
      `cannot be read: ${message}`,
      path,
      'check that it is a file you may read',
      { cause },
    );
  }
}

/** The first sequences, the last one cut, of at most `count` tokens in all. */
export function upTo(count: number, sequences: readonly ArrayLike<number>[]): ArrayLike<number>[] {
  const taken: ArrayLike<number>[] = [];
  for (const ids of sequences) {
    if (count <= 0) break;
    taken.push(Array.from(ids).slice(0, count));
    count -= ids.length;
  }
  return taken;
}
