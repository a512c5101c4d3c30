/** Runs a graph in float32: the yardstick of the integer model, and the source of calibration statistics. */
import { LinnetError } from '../errors.js';
import type { Score } from '../model.js';
import { vocabSizeOf } from '../tokenizer/tables.js';
import { typescriptFloatKernels, type FloatKernels } from './float-kernels.js';
import * as run from './float-nodes.js';
import type { FloatValue } from './float-nodes.js';
import { conv, pool } from './float-windows.js';
import { initialState, recurrent, type RecurrentState } from './float-recurrent.js';
import { inputsOf, type Graph, type Node } from './graph.js';

/** Sees the value each node produces: [steps, features], valid during the call only. */
export type FloatObserver = (node: Node, value: FloatValue) => void;

export interface FloatRunOptions {
  /** Called now and then with the tokens done and the tokens in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly observe?: FloatObserver;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Steps that share one matrix product; more would only cost memory. */
const CHUNK = 128;

export class FloatModel {
  private readonly vocabSize: number;

  constructor(
    readonly graph: Graph,
    private readonly kernels: FloatKernels = typescriptFloatKernels,
  ) {
    this.vocabSize = vocabSizeOf(graph.tokenizer);
  }

  /**
   * Negative log-likelihood of a text under a language model, from the zero state, after BOS (token 0
   * if the model has none). State is carried over the whole text.
   *
   * @param ids the text, without BOS
   */
  async nll(ids: ArrayLike<number>, options: FloatRunOptions = {}): Promise<Score> {
    this.expectKind('language_model');
    this.checkIds(ids);
    const states = new Map<string, RecurrentState>();
    let total = 0;
    for (let start = 0; start < ids.length; start += CHUNK) {
      options.signal?.throwIfAborted();
      const steps = Math.min(CHUNK, ids.length - start);
      const fed = Array.from({ length: steps }, (_, t) =>
        start + t === 0 ? (this.graph.bosId ?? 0) : ids[start + t - 1]!,
      );
      const logits = this.run(fed, states, options.observe);
      const norm = new Float32Array(steps);
      this.kernels.logSumExp(logits.data, norm, steps, logits.features);
      for (let t = 0; t < steps; t++) total += norm[t]! - logits.data[t * logits.features + ids[start + t]!]!;
      options.onProgress?.(start + steps, ids.length);
      await new Promise(setImmediate); // lets timers and aborts in
    }
    return {
      tokens: ids.length,
      negativeLogLikelihood: total,
      perplexity: ids.length === 0 ? NaN : Math.exp(total / ids.length),
    };
  }

  /**
   * Logits [labels] of one sentence under a classifier. Sentences shorter than the graph's minTokens
   * are padded with its padId.
   */
  logits(ids: ArrayLike<number>, observe?: FloatObserver): Float32Array {
    this.expectKind('classifier');
    this.checkIds(ids);
    const { minTokens, maxTokens, padId } = this.graph;
    if (ids.length > maxTokens)
      throw new LinnetError('input_too_long', `${ids.length} tokens`, this.graph.name, `give at most ${maxTokens}`);
    const padded = Array.from({ length: Math.max(ids.length, minTokens) }, (_, t) => ids[t] ?? padId ?? 0);
    return this.run(padded, new Map(), observe).data;
  }

  /** Runs every node over `ids` and returns the last logits; recurrent states are kept in `states`. */
  private run(ids: ArrayLike<number>, states: Map<string, RecurrentState>, observe?: FloatObserver): FloatValue {
    const values = new Map<string, FloatValue>();
    let logits: FloatValue | undefined;
    for (const node of this.graph.nodes) {
      const inputs = inputsOf(node).map((name) => values.get(name)!);
      const value = this.evaluate(node, inputs, ids, states);
      values.set(node.output, value);
      if (node.op !== 'softmax') logits = value;
      observe?.(node, value);
    }
    return logits!;
  }

  private evaluate(
    node: Node,
    inputs: readonly FloatValue[],
    ids: ArrayLike<number>,
    states: Map<string, RecurrentState>,
  ): FloatValue {
    switch (node.op) {
      case 'embedding':
        return run.embedding(node, ids);
      case 'lstm':
      case 'gru':
      case 'rnn': {
        const state = states.get(node.output) ?? initialState(node);
        states.set(node.output, state);
        return recurrent(node, inputs[0]!, state, this.kernels);
      }
      case 'conv':
        return conv(node, inputs[0]!, this.kernels);
      case 'pool':
        return pool(node, inputs[0]!);
      case 'add':
        return run.add(node, inputs[0]!, inputs[1]!);
      case 'mul':
        return run.mul(node, inputs[0]!, inputs[1]!);
      case 'linear':
        return run.linear(node, inputs[0]!, this.kernels);
      case 'last_step':
        return run.lastStep(node, inputs[0]!);
      case 'concat':
        return run.concat(inputs);
      case 'softmax':
        return run.softmax(inputs[0]!);
    }
  }

  private expectKind(kind: Graph['kind']): void {
    if (this.graph.kind !== kind)
      throw new LinnetError(
        'wrong_kind',
        `a ${kind.replace('_', ' ')} is needed`,
        this.graph.name,
        'give such a model',
      );
  }

  private checkIds(ids: ArrayLike<number>): void {
    for (let t = 0; t < ids.length; t++)
      if (!(Number.isInteger(ids[t]) && ids[t]! >= 0 && ids[t]! < this.vocabSize))
        throw new LinnetError(
          'bad_token',
          `token ${ids[t]} at position ${t}`,
          this.graph.name,
          `ids run from 0 to ${this.vocabSize - 1}`,
        );
  }
}
