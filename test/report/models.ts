/** Small quantized models for the tests of the report: the golden checkpoints, changed where a test wants it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../src/graph/graph.js';
import { importCheckpoint } from '../../src/import/checkpoint.js';
import { randomSequences } from '../../src/quantize/calibration.js';
import { quantizeGraph, type QuantizedModel } from '../../src/quantize/index.js';

const FOLDER = join(__dirname, '..', 'golden');

/** Every golden checkpoint that is a folder of PyTorch's. */
export const GOLDEN = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'config.json')));

export async function quantizedGolden(
  name: string,
  change: (graph: Graph) => Graph = (graph) => graph,
): Promise<QuantizedModel> {
  const graph = change(await importCheckpoint(join(FOLDER, name)));
  const sequences = randomSequences(graph).slice(0, graph.kind === 'classifier' ? 32 : 2);
  const calibration = { sequences, source: 'given' as const };
  return { ...(await quantizeGraph(graph, { calibration: sequences })), calibration };
}
