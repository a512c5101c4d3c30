/** The `pooling` field of config.json: what becomes of a sequence. */
import type { PoolNode } from '../graph/graph.js';
import { poolOverTime } from '../graph/nodes.js';
import { LIMITS } from '../schema/image.js';
import type { Config } from './config.js';

export interface Pooling {
  readonly mode: PoolNode['mode'];
  /** Of an Lp pool, else 0. */
  readonly order: number;
}

const MODES = ['max', 'average', 'lp'] as const;

export function readPooling(config: Config): Pooling {
  return poolingOf(config, config.choice('pooling', MODES, 'max'));
}

/** Of recurrent layers, that can also give the state they end with. */
export function readPoolingOrLast(config: Config): Pooling | 'last' {
  const mode = config.choice('pooling', ['last', ...MODES], 'last');
  return mode === 'last' ? mode : poolingOf(config, mode);
}

function poolingOf(config: Config, mode: PoolNode['mode']): Pooling {
  if (mode !== 'lp') return { mode, order: 0 };
  return { mode, order: config.optionalInteger('lp_norm', { min: 1, max: LIMITS.max_order }) ?? 2 };
}

export function poolNode(output: string, input: string, { mode, order }: Pooling, channels: number): PoolNode {
  return poolOverTime({ output, input }, mode, channels, order);
}
