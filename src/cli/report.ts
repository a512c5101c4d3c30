/** `quantize --report`: from a quantized model and its quality to the bytes of a page. */
import { knownBoards } from '../boards/registry.js';
import { load } from '../engine/load.js';
import type { QuantizedModel } from '../quantize/index.js';
import { collectReport, measureSpeed, renderReport, piecesOf, type Quality, type Speed } from '../report/index.js';
import type { Io } from './command.js';
import { startProgress } from './progress.js';
import type { LabelledQuality, Pair, TextQuality } from './quality.js';
import { thousands } from './table.js';

export async function makeReport(
  io: Io,
  model: QuantizedModel,
  quality: TextQuality | LabelledQuality | undefined,
): Promise<Uint8Array> {
  const progress = startProgress(io, 'drawing');
  try {
    const data = await collectReport(model, {
      boards: knownBoards(),
      quality: quality && toFigures(quality),
      speed: await timed(io, model),
      signal: io.signal,
      onProgress: progress.update,
    });
    return new TextEncoder().encode(renderReport(data));
  } finally {
    progress.stop();
  }
}

async function timed(io: Io, model: QuantizedModel): Promise<Speed | undefined> {
  const engine = await load(model.image);
  try {
    return await measureSpeed(engine, piecesOf(model), io.signal);
  } finally {
    await engine.close();
  }
}

function toFigures(quality: TextQuality | LabelledQuality): Quality {
  const both = ({ int8, float }: Pair) => ({ int8, float: float! });
  if ('accuracy' in quality)
    return {
      on: `${thousands(quality.examples)} labelled examples`,
      figures: [{ name: 'accuracy', ...both(quality.accuracy), unit: 'share', better: 'higher' }],
    };
  return {
    on: `a text of ${thousands(quality.tokens)} tokens`,
    figures: [
      { name: 'perplexity', ...both(quality.perplexity), unit: 'number', better: 'lower' },
      { name: 'bits per character', ...both(quality.bitsPerCharacter), unit: 'number', better: 'lower' },
    ],
  };
}
