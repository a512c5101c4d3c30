/** What the float graph computes, in the form an ONNX model gives it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FloatModel } from '../../../src/graph/float-model.js';
import type { Graph } from '../../../src/graph/graph.js';

export const GOLDEN = join(__dirname, '../../golden');

/** Logits [steps · vocab_size] of a language model fed `ids`, or [labels] of a classifier. */
export async function floatLogits(graph: Graph, ids: readonly number[]): Promise<number[]> {
  if (graph.kind === 'classifier') return [...new FloatModel(graph).logits(ids)];
  const logits: number[] = [];
  const last = graph.nodes.at(-1)!;
  // nll() feeds BOS and then all ids but the last.
  await new FloatModel({ ...graph, bosId: ids[0]! }).nll([...ids.slice(1), 0], {
    observe: (node, { data }) => {
      if (node === last) logits.push(...data);
    },
  });
  return logits;
}

/** log softmax of rows of `size`: adds nothing to logits that are so already. */
export function logSoftmax(values: readonly number[], size: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < values.length; at += size) {
    const row = values.slice(at, at + size);
    const norm = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0));
    out.push(...row.map((v) => v - norm));
  }
  return out;
}

export function maxDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} values and ${b.length}`);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
}

/** Word-level tokenizer.json of `size` tokens: <pad>, <unk>, w2… */
export function tokenizerJson(size: number): string {
  const names = Array.from({ length: size }, (_, i) => ['<pad>', '<unk>'][i] ?? `w${i}`);
  return JSON.stringify({
    version: '1.0',
    added_tokens: [{ id: 0, content: '<pad>', special: true }],
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: { type: 'WordLevel', vocab: Object.fromEntries(names.map((name, i) => [name, i])), unk_token: '<unk>' },
  });
}

/** A folder with an ONNX file, a tokenizer and a configuration; returns the path of the file. */
export class ModelFolder {
  readonly dir = mkdtempSync(join(tmpdir(), 'linnet-onnx-'));

  write(model: Uint8Array, vocabSize: number, config?: object): string {
    const path = join(this.dir, 'model.onnx');
    writeFileSync(path, model);
    writeFileSync(join(this.dir, 'tokenizer.json'), tokenizerJson(vocabSize));
    if (config) writeFileSync(join(this.dir, 'config.json'), JSON.stringify(config));
    return path;
  }

  copy(file: string): string {
    cpSync(join(GOLDEN, file), join(this.dir, file.split('/').at(-1)!));
    return join(this.dir, file.split('/').at(-1)!);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}
