/** What an op becomes when an image is loaded: a function over memory. */
import type { Memory } from '../memory.js';

/** @param ids the tokens of this run; only the embedding reads them */
export type Kernel = (memory: Memory, ids: ArrayLike<number>) => void;
