/** An ONNX file, with its tokenizer and perhaps a configuration beside it → float graph. */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, normalize } from 'node:path';
import { LinnetError } from '../../errors.js';
import type { Graph, Node } from '../../graph/graph.js';
import { shapesOf } from '../../graph/shapes.js';
import { stepsOf } from '../../image/time.js';
import { LIMITS } from '../../schema/image.js';
import { ngramsOf } from '../classifier.js';
import { Config } from '../config.js';
import { commonFields, matchingTokenizer, parseJson, readCheckpointFile } from '../files.js';
import { interpret, type Interpreted } from './interpret.js';
import { decodeModel, type ModelProto } from './schema.js';
import type { ReadExternal } from './tensor.js';

export interface ImportOnnxOptions {
  /** tokenizer.json of the model. Default: the one in the same folder. */
  readonly tokenizer?: string;
}

/** Longest text of a classifier whose configuration does not say. */
const DEFAULT_MAX_LENGTH = 128;
const EXTERNAL = 1;

/**
 * @param path the .onnx file; config.json beside it may give name, labels, special ids, max_length, word_ngrams and bucket,
 *   license, source
 * @throws LinnetError file_not_found, file_unreadable, bad_checkpoint, unsupported_model, or what
 *   `importTokenizer` throws
 */
export async function importOnnx(path: string, options: ImportOnnxOptions = {}): Promise<Graph> {
  const model = decode(await readCheckpointFile(path, 'give an .onnx file'), path);
  const found = interpret(model, path, await externalData(model, path));
  const dir = dirname(path);
  const configPath = join(dir, 'config.json');
  const configJson = existsSync(configPath) ? parseJson(await readCheckpointFile(configPath, ''), configPath) : {};
  const config = new Config(configJson, configPath);
  const tokenizerPath = options.tokenizer ?? join(dir, 'tokenizer.json');
  const tokenizerBytes = await readCheckpointFile(
    tokenizerPath,
    'put tokenizer.json there, or name it with --tokenizer',
  );
  const tokenizerJson = parseJson(tokenizerBytes, tokenizerPath);
  const tokenizer = matchingTokenizer(tokenizerJson, tokenizerPath, found.vocabSize, ngramsOf(config));
  const common = commonFields(config, found.vocabSize, basename(path, extname(path)));
  const { kind, nodes } = found;
  if (kind === 'language_model') return { kind, nodes, tokenizer, ...common, labels: [], minTokens: 1, maxTokens: 0 };
  return { kind, nodes, tokenizer, ...common, ...classifierFields(config, found, common.padId, tokenizerJson) };
}

function decode(bytes: Uint8Array, path: string): ModelProto {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    throw new LinnetError(
      'bad_checkpoint',
      `not an ONNX model, or cut short: ${(cause as Error).message}`,
      path,
      'export the model again, or copy the file again',
      { cause },
    );
  }
}

function classifierFields(
  config: Config,
  { rows, nodes, leastTokens, fixedTokens }: Interpreted,
  padId: number | undefined,
  tokenizerJson: unknown,
): Pick<Graph, 'labels' | 'minTokens' | 'maxTokens' | 'padId'> {
  const labels = config.optionalTexts('labels') ?? Array.from({ length: rows }, (_, i) => String(i));
  if (labels.length !== rows)
    throw new LinnetError(
      'bad_checkpoint',
      `${labels.length} labels for ${rows} outputs`,
      config.where,
      'list one label for each output of the model, in order',
    );
  if (fixedTokens !== undefined && fixedTokens > LIMITS.max_width)
    throw config.unsupported(
      `the model takes texts of exactly ${fixedTokens} tokens`,
      'export it with dynamic_axes for the time axis',
    );
  const minTokens = fixedTokens ?? leastTokens;
  const limit = fixedTokens ?? LIMITS.max_tokens;
  const maxTokens = config.optionalInteger('max_length', { min: minTokens, max: limit });
  const pad = padId ?? padOf(tokenizerJson);
  if (minTokens > 1 && pad === undefined)
    throw new LinnetError(
      'bad_checkpoint',
      `texts below ${minTokens} tokens need padding, and neither "pad_token_id" nor a special token <pad> is there`,
      config.where,
      'write {"pad_token_id": …} into it',
    );
  const longest = maxTokens ?? fixedTokens ?? Math.max(minTokens, DEFAULT_MAX_LENGTH);
  checkPools(config, nodes, longest);
  return { labels, minTokens, maxTokens: longest, padId: pad };
}

/** A pool over all of time adds up so many elements in the longest text. */
function checkPools(config: Config, nodes: readonly Node[], maxTokens: number): void {
  const shapes = shapesOf(nodes);
  for (const node of nodes) {
    if (node.op !== 'pool' || node.kernel[0] !== 'all') continue;
    const { time } = shapes.get(node.input)!;
    const elements = (time ? stepsOf(time, maxTokens) : 1) * node.kernel[1];
    if (elements > LIMITS.max_pool_window)
      throw config.unsupported(
        `"${node.output}" pools ${elements} elements of a text of ${maxTokens} tokens`,
        `set "max_length" so that they are ${LIMITS.max_pool_window} at most`,
      );
  }
}

/** The special token that is for padding by its name. */
function padOf(json: unknown): number | undefined {
  const { added_tokens: added = [] } = json as { added_tokens?: { id: number; content: string }[] };
  return added.find(({ content }) => /^(<pad>|\[pad\])$/i.test(content))?.id;
}

/** Reads the files that tensors refer to; they must lie in the model's own folder. */
async function externalData({ graph }: ModelProto, path: string): Promise<ReadExternal> {
  const files = new Map<string, Buffer>();
  for (const tensor of graph?.initializer ?? []) {
    const location = tensor.external_data.find(({ key }) => key === 'location')?.value;
    if (tensor.data_location !== EXTERNAL || location === undefined || files.has(location)) continue;
    if (isAbsolute(location) || normalize(location).split(/[\\/]/).includes('..'))
      throw new LinnetError(
        'bad_checkpoint',
        `its data is said to be in ${JSON.stringify(location)}, outside its folder`,
        `${path}, tensor "${tensor.name}"`,
        'put the file beside the model and export again',
      );
    const file = join(dirname(path), location);
    files.set(location, await readCheckpointFile(file, `"${basename(path)}" keeps its weights there: copy both`));
  }
  return (location, offset, length, where) => {
    const file = files.get(location)!;
    const end = offset + (length ?? file.length - offset);
    if (end > file.length || end < offset)
      throw new LinnetError(
        'bad_checkpoint',
        `data ends at byte ${end} of "${location}", which has ${file.length}`,
        where,
        'the file is cut short: copy it again',
      );
    return file.subarray(offset, end);
  };
}
