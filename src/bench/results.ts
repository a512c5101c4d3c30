/** What `linnet bench --json` prints and docs/performance.json keeps. */

/**
 * One piece of work by its contenders, "linnet" and the peers that are installed; the smaller a value the better.
 * `ratio` is theirs (ort_int8's) over ours: a median over rounds where rounds alternate.
 */
export interface Case {
  readonly unit: string;
  readonly linnet: number;
  readonly ort_int8?: number;
  readonly ratio?: number;
  /** Further peers and forms: name → value. */
  readonly others?: Readonly<Record<string, number>>;
  /** Least and most of the rounds, by contender. */
  readonly spread?: Readonly<Record<string, readonly [least: number, most: number]>>;
  /** Processor time in the same unit, by contender, and the ratio by it. */
  readonly cpu?: Readonly<Record<string, number>>;
  readonly cpu_ratio?: number;
}

export type HostCase = 'lm_step' | 'lm_score' | 'lm_step_avx2' | 'textcnn' | 'rss' | 'load';

/** What a case measured on: figures of one machine say little of another. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly kernels: string;
  /** Of onnxruntime-node; absent if it is not installed. */
  readonly peer?: string;
  /** Load average over a minute before and after: other programs at work. */
  readonly load: readonly [before: number, after: number];
  /** YYYY-MM-DD */
  readonly date: string;
}

/** Instructions of a kernel on a board, counted by its emulator: the same on every machine. */
export interface BoardCount {
  readonly instructions: number;
  /** Instructions a multiply-accumulate; absent where there are none. */
  readonly per_mac?: number;
}

export type Boards = Readonly<Record<string, Readonly<Record<string, BoardCount>>>>;

/** Bytes of RAM to generate with a language model. `total` is all but the stack. */
export interface BoardRam {
  readonly state: number;
  readonly scratch: number;
  readonly workspace: number;
  /** All other data of the firmware: queues of the serial line, frames, tokens. The same with every model. */
  readonly buffers: number;
  readonly total: number;
  /** Used at most from start through a generation, and what there is. */
  readonly stack_used: number;
  readonly stack_bytes: number;
}

export interface BoardMemory {
  /**
   * Bytes of flash, code and constants: the firmware; and the engine with the ops of an LSTM language model, tokenizer
   * and sampler in a program that hardly has anything else (firmware/minimal).
   */
  readonly code: { readonly firmware: number; readonly minimal: number };
  /** By model. */
  readonly ram: Readonly<Record<string, BoardRam>>;
}

/** One point of the curves: µs a token, and the least it can take: reading so many bytes once, measured too. */
export interface GrowthPoint {
  readonly hidden_size: number;
  readonly vocab_size: number;
  readonly weight_bytes: number;
  readonly microseconds: number;
  readonly floor_microseconds: number;
}

export interface SessionsResult {
  readonly sessions: number;
  readonly tokens_per_second: number;
  /** Of one session at a time, one thread. */
  readonly alone_tokens_per_second: number;
  /** Resident memory that the sessions added, a session, bytes; state and scratch are so many of them. */
  readonly bytes_per_session: number;
  readonly state_bytes: number;
}

export interface ColdResult {
  /** µs of one sentence with the caches full of something else, and with them warm. */
  readonly cold_microseconds: number;
  readonly warm_microseconds: number;
}

export interface HostResults {
  readonly host: Partial<Readonly<Record<HostCase, Case>>>;
  readonly machine: Machine;
  readonly growth?: readonly GrowthPoint[];
  readonly sessions?: SessionsResult;
  readonly cold?: ColdResult;
}

export interface Results extends HostResults {
  readonly boards: Boards;
  /** By board, as `boards`. */
  readonly memory: Readonly<Record<string, BoardMemory>>;
}
