/** Gathers what the report shows from what quantization left behind. */
import type { BoardSpec } from '../boards/registry.js';
import { openImage, type Image } from '../image/read.js';
import type { LayerReport, QuantizedModel } from '../quantize/index.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { activationHistogram } from './activation-histogram.js';
import type { EmbeddingData, LayerData, Quality, ReportData } from './data.js';
import { mapEmbeddings, type MapOptions } from './embedding-map.js';
import { chooseTokens } from './embedding-tokens.js';
import { dequantize, weightsOf, type QuantizedMatrix } from './layer-weights.js';
import type { Vectors } from './neighbours.js';
import type { Speed } from './speed.js';
import { needOn } from './summary.js';
import { weightHistogram } from './weight-histogram.js';
import { countWork } from './work.js';

/** A map of fewer points says nothing. */
const FEWEST_POINTS = 8;

export interface ReportOptions extends MapOptions {
  readonly boards: readonly BoardSpec[];
  readonly quality?: Quality | undefined;
  readonly speed?: Speed | undefined;
}

/** @param options onProgress counts steps of the embedding map, the slow part */
export async function collectReport(model: QuantizedModel, options: ReportOptions): Promise<ReportData> {
  const { lowered: graph, report, calibration } = model;
  const image = openImage(model.image, graph.name);
  const matrices = graph.nodes.map((node, i) => weightsOf(node, image.ops[i]!, image));
  const embedding = await mapTokens(model, image, matrices, options);
  const { name, kind, parameters, bytes, stateBytes, scratchBytes } = report;
  const { quality, speed } = options;
  return {
    ...{ name, kind, parameters, bytes, stateBytes, scratchBytes },
    labels: image.labels,
    vocabSize: image.header.vocab_size,
    sha256: image.sha256,
    boards: options.boards.map((board) => ({ name: board.name, title: board.title, need: needOn(board, image) })),
    calibration: report.calibration,
    layers: layersOf(model, matrices),
    work: countWork(image, typicalSentence(calibration.sequences)),
    ...(quality && { quality }),
    ...(embedding && { embedding }),
    ...(speed && { speed }),
  };
}

/** Tokens of a prompt to time a language model with. */
const PROMPT_TOKENS = 8;

/** Pieces of the calibration text that the model takes, for it to be timed with: prompts, or sentences. Maybe none. */
export function piecesOf({ lowered, calibration }: QuantizedModel): string[] {
  const tokenizer = new Tokenizer(lowered.tokenizer);
  const [taken, most] =
    lowered.kind === 'language_model' ? [PROMPT_TOKENS, Infinity] : [lowered.maxTokens, lowered.maxTokens];
  return calibration.sequences
    .map((ids) => tokenizer.decode(Array.from(ids).slice(0, taken)))
    .filter((text) => {
      const { length } = tokenizer.encode(text);
      return length > 0 && length <= most;
    });
}

function layersOf({ report, ranges }: QuantizedModel, matrices: readonly (readonly QuantizedMatrix[])[]): LayerData[] {
  const owners = new Map<unknown, string>();
  return report.layers.map((layer: LayerReport, i): LayerData => {
    const own = matrices[i]!.filter(({ weight }) => !owners.has(weight));
    const tiedTo = matrices[i]!.map(({ weight }) => owners.get(weight)).find((owner) => owner !== undefined);
    own.forEach(({ weight }) => owners.set(weight, layer.name));
    return {
      ...layer,
      weights: own.map(weightHistogram),
      ...(tiedTo !== undefined && { tiedTo }),
      activation: activationHistogram(ranges.get(layer.name)!),
    };
  });
}

async function mapTokens(
  { lowered: graph, calibration }: QuantizedModel,
  image: Image,
  matrices: readonly (readonly QuantizedMatrix[])[],
  options: MapOptions,
): Promise<EmbeddingData | undefined> {
  const at = graph.nodes.findIndex(({ op }) => op === 'embedding');
  const table = matrices[at]![0]!;
  const size = table.float.length / table.scales.length;
  const random = calibration.source === 'random';
  const { ids, texts, seen } = chooseTokens(image.tokenizer, random ? [] : calibration.sequences, table.scales.length);
  if (ids.length < FEWEST_POINTS) return undefined;
  const rowsOf = (data: Float32Array): Vectors => {
    const rows = new Float32Array(ids.length * size);
    ids.forEach((id, i) => rows.set(data.subarray(id * size, (id + 1) * size), i * size));
    return { data: rows, count: ids.length, size };
  };
  const map = await mapEmbeddings(rowsOf(table.float), rowsOf(dequantize(table)), options);
  return { layer: graph.nodes[at]!.output, size, tokens: texts, seen, map };
}

/** The sentence of middle length, of equals the first. */
function typicalSentence(sequences: readonly ArrayLike<number>[]): ArrayLike<number> {
  const some = sequences.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
  return some[some.length >> 1]!;
}
