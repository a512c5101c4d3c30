/** The public face of a model, wherever it runs: `load()` gives a native one, `connect()` a board. */

export interface GenerateOptions {
  /** Tokens to generate at most, 1 … 1,000,000. Default 64. */
  readonly maxTokens?: number;
  /** 0 … 15.99; 0 is greedy. Rounded to 1/4096. Default 0.8. */
  readonly temperature?: number;
  /** Sample among the k likeliest tokens, 1 … 128; 0: all. Default 40. */
  readonly topK?: number;
  /** 0 … 2³²-1. The same seed gives the same text on every target. Default: random. */
  readonly seed?: number;
  /** Go on from the state the last generation left instead of starting afresh. Default false. */
  readonly keepState?: boolean;
  /** Aborting ends the generation; the iterator throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Token {
  readonly id: number;
  /** Text to print. A token that ends within a UTF-8 character gives "", the next one the whole character. */
  readonly text: string;
}

export interface Classification {
  readonly label: string;
  /** Probability of every label, multiples of 2⁻¹⁵. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface Score {
  /** Tokens scored. */
  readonly tokens: number;
  /** Sum of -ln p in nats. */
  readonly negativeLogLikelihood: number;
  /** exp(negativeLogLikelihood / tokens). */
  readonly perplexity: number;
}

export interface ModelInfo {
  readonly name: string;
  readonly kind: 'language_model' | 'classifier';
  readonly vocabSize: number;
  readonly labels: readonly string[];
  readonly imageBytes: number;
  /** SHA-256 of the image, hex. */
  readonly sha256: string;
  /** RAM of one session: recurrent state and scratch, bytes. */
  readonly ramBytes: number;
}

/** A model that reads and writes text. All methods reject with LinnetError. */
export interface TextModel {
  readonly info: ModelInfo;
  /** Streams a continuation of the prompt. Leaving the loop early stops the work. */
  generate(prompt: string, options?: GenerateOptions): AsyncIterableIterator<Token>;
  classify(text: string): Promise<Classification>;
  /** Perplexity of a text under the model, from its initial state. */
  score(
    text: string,
    options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
  ): Promise<Score>;
  /** SHA-256 self-test digest, hex (docs/numerics.md, 7). */
  selfTest(): Promise<string>;
  /** Frees everything; running calls reject with code "closed". */
  close(): Promise<void>;
}
