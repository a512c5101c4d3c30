/** A flat map of an embedding table, float beside int8: t-SNE (van der Maaten and Hinton, 2008) by a library. */
import { TSNE } from '@keckelt/tsne';
import { Pcg32 } from '../engine/reference/pcg32.js';
import { cosines, meanOverlap, nearest, normalize, type Vectors } from './neighbours.js';

/** Steps from the first positions to the arrangement that both maps start from, and from there on. */
const STEPS = { arrange: 300, settle: 100 };
const ALL_STEPS = STEPS.arrange + 2 * STEPS.settle;
/** Steps between two chances for timers and aborts. */
const BREATH = 10;
/** Neighbours a point is taken to have; fewer where there are few points. */
const PERPLEXITY = 20;
const LEARNING_RATE = 50;
const SEED = 1;
/** Spread of the first positions: as small as the library's own. */
const SPREAD = 1e-4;

export const NEIGHBOURS = 10;

export interface EmbeddingView {
  /** [points] x and y, each map centred, within −1 … 1 */
  readonly positions: readonly (readonly [number, number])[];
  /** [points] positions in the list of the nearest other points by cosine, of all dimensions; nearest first */
  readonly neighbours: readonly (readonly number[])[];
}

export interface EmbeddingMap {
  readonly float: EmbeddingView;
  readonly int8: EmbeddingView;
  /** Neighbours listed for each point: NEIGHBOURS, or all others if there are fewer. */
  readonly neighbourCount: number;
  /** Of a point's neighbours in float, how many are its neighbours in int8; mean over the points. */
  readonly overlap: number;
}

export interface MapOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * t-SNE is chaotic: from nothing, the least change of a vector gives another map. So the float table is arranged
 * first, and both maps settle from that arrangement, each under its own distances: what differs, int8 changed.
 *
 * @param float [points, size]
 * @param int8 [points, size], the same rows as the integer engine has them
 */
export async function mapEmbeddings(float: Vectors, int8: Vectors, options: MapOptions = {}): Promise<EmbeddingMap> {
  const { count } = float;
  const neighbourCount = Math.min(NEIGHBOURS, count - 1);
  const cosine = { float: cosines(normalize(float)), int8: cosines(normalize(int8)) };
  const progressFrom = (before: number): MapOptions => ({
    ...options,
    onProgress: (steps) => options.onProgress?.(before + steps, ALL_STEPS),
  });
  const arranged = await descend(cosine.float, firstPositions(count), 0, STEPS.arrange, progressFrom(0));
  const view = async (of: Float64Array, before: number): Promise<EmbeddingView> => {
    const positions = await descend(of, arranged, STEPS.arrange, STEPS.settle, progressFrom(before));
    return { positions: withinUnit(positions), neighbours: nearest(of, count, neighbourCount) };
  };
  const views = {
    float: await view(cosine.float, STEPS.arrange),
    int8: await view(cosine.int8, STEPS.arrange + STEPS.settle),
  };
  return { ...views, neighbourCount, overlap: meanOverlap(views.float.neighbours, views.int8.neighbours) };
}

type Points = readonly (readonly [number, number])[];

/**
 * @param cosine [points, points]; the squared distance of unit vectors is 2 − 2·cosine
 * @param iteration of the first step: the library pulls clusters together (early exaggeration) below 100
 */
async function descend(
  cosine: Float64Array,
  start: Points,
  iteration: number,
  steps: number,
  { onProgress, signal }: MapOptions,
): Promise<Points> {
  const count = start.length;
  const model = new TSNE({ dim: 2, perplexity: Math.min(PERPLEXITY, (count - 1) / 3), epsilon: LEARNING_RATE });
  model.initDataDist(
    Array.from({ length: count }, (_, i) => Array.from(cosine.subarray(i * count, (i + 1) * count), (c) => 2 - 2 * c)),
  );
  // The library starts at random, and at iteration 0. Its solution is the array itself, so it can be overwritten.
  const solution = model.getSolution() as [number, number][];
  for (const [i, [x, y]] of start.entries()) solution[i] = [x, y];
  Object.assign(model, { iter: iteration });
  for (let step = 0; step < steps; step++) {
    if (step % BREATH === 0) {
      onProgress?.(step, steps);
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
    model.step();
  }
  return solution;
}

/** Uniform, the same every time. */
function firstPositions(count: number): [number, number][] {
  const random = new Pcg32(SEED);
  const next = () => (random.next() / 2 ** 31 - 1) * SPREAD;
  return Array.from({ length: count }, () => [next(), next()]);
}

function withinUnit(points: Points): [number, number][] {
  const middle = [0, 1].map((d) => {
    const values = points.map((point) => point[d]!);
    return (Math.min(...values) + Math.max(...values)) / 2;
  });
  const centred = points.map(([x, y]): [number, number] => [x - middle[0]!, y - middle[1]!]);
  const reach = Math.max(...centred.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y)))) || 1;
  return centred.map(([x, y]) => [x / reach, y / reach]);
}
