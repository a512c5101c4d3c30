/** Runs the float model over real text and notes how large every value gets. */
import type { FloatModel, FloatObserver, FloatRunOptions } from '../graph/float-model.js';
import { Histogram } from './histogram.js';

/** Magnitudes of every node's output, by its name. */
export type Ranges = ReadonlyMap<string, Histogram>;

/** @param sequences token ids: pieces of text (language model, each from the initial state) or sentences */
export async function calibrate(
  model: FloatModel,
  sequences: readonly ArrayLike<number>[],
  { onProgress, signal }: Pick<FloatRunOptions, 'onProgress' | 'signal'> = {},
): Promise<Ranges> {
  const ranges = new Map(model.graph.nodes.map((node) => [node.output, new Histogram()]));
  const observe: FloatObserver = (node, { data }) => ranges.get(node.output)!.add(data);
  const total = sequences.reduce((n, ids) => n + ids.length, 0);
  let done = 0;
  for (const ids of sequences) {
    signal?.throwIfAborted();
    if (model.graph.kind === 'language_model') await model.nll(ids, { observe, signal });
    else model.logits(ids, observe);
    done += ids.length;
    onProgress?.(done, total);
  }
  return ranges;
}
