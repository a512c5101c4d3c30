/** How far the integer engine's activations are from the float model's, layer by layer. */
import { ReferenceEngine } from '../engine/reference/engine.js';
import type { FloatModel } from '../graph/float-model.js';
import type { Image } from '../image/read.js';

/**
 * Runs both models over the same tokens.
 *
 * @param sequences token ids, as for calibration
 * @returns for every op, 10·log10(Σ float² / Σ (float − integer·scale)²) of its output, in dB; Infinity
 *   where they agree exactly
 */
export async function measureSqnr(
  model: FloatModel,
  image: Image,
  sequences: readonly ArrayLike<number>[],
): Promise<number[]> {
  const engine = new ReferenceEngine(image);
  const signal = image.ops.map(() => 0);
  const noise = image.ops.map(() => 0);
  for (const ids of sequences) {
    const expected = await runFloat(model, ids);
    const at = image.ops.map(() => 0);
    engine.observer = ({ index, output, values }) => {
      const scale = image.tensors[output]!.scale!;
      const float = expected[index]!;
      for (const value of values) {
        const wanted = float[at[index]!++]!;
        signal[index]! += wanted * wanted;
        noise[index]! += (wanted - value * scale) ** 2;
      }
    };
    runIntegers(engine, ids);
  }
  return signal.map((s, index) => (noise[index] === 0 ? Infinity : 10 * Math.log10(s / noise[index]!)));
}

/** Every node's output over the whole sequence. */
async function runFloat(model: FloatModel, ids: ArrayLike<number>): Promise<number[][]> {
  const outputs = new Map(model.graph.nodes.map((node) => [node.output, [] as number[]]));
  const observe = (node: { output: string }, { data }: { data: Float32Array }) => {
    const output = outputs.get(node.output)!;
    for (const value of data) output.push(value);
  };
  if (model.graph.kind === 'language_model') await model.nll(ids, { observe });
  else model.logits(ids, observe);
  return [...outputs.values()];
}

function runIntegers(engine: ReferenceEngine, ids: ArrayLike<number>): void {
  if (engine.image.kind === 'classifier') {
    engine.classify(ids);
    return;
  }
  engine.reset();
  for (let t = 0; t < ids.length; t++) engine.feed(t === 0 ? (engine.image.bosId ?? 0) : ids[t - 1]!);
}
