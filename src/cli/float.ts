/** A checkpoint as it is, in float: what int8 is compared with. */
import { nativeFloatKernels } from '../engine/native-addon.js';
import { FloatModel } from '../graph/float-model.js';
import type { Graph } from '../graph/graph.js';
import { importModel, type ImportOptions } from '../import/model.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Judge } from './quality.js';

/** @throws {LinnetError} whatever is wrong with the checkpoint */
export async function openFloat(path: string, options: ImportOptions): Promise<Judge> {
  return judgeGraph(await importModel(path, options));
}

export function judgeGraph(graph: Graph): Judge {
  const model = new FloatModel(graph, nativeFloatKernels());
  const tokenizer = new Tokenizer(graph.tokenizer);
  return {
    score: (text, options) => model.nll(tokenizer.encode(text), options),
    label: async (text) => {
      const logits = model.logits(tokenizer.encode(text));
      return graph.labels[logits.indexOf(Math.max(...logits))]!;
    },
  };
}
