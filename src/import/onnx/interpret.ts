/** Follows an ONNX graph from the token ids to the logits, node by node, and builds the float graph of it. */
import { LinnetError } from '../../errors.js';
import type { Node } from '../../graph/graph.js';
import { leastTokens, shapesOf } from '../../graph/shapes.js';
import { PER_TOKEN, sameTime } from '../../image/time.js';
import { LIMITS } from '../../schema/image.js';
import { GraphBuilder } from './builder.js';
import { asLinear } from './ops/linear.js';
import { OnnxNode } from './node.js';
import { OPS } from './registry.js';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from './schema.js';
import { readTensor, type ReadExternal } from './tensor.js';
import type { Activation, Atom, Axis, Value } from './values.js';

const FLOAT_TYPES = new Set([1, 10, 11, 16]);
const INTEGER_TYPES = new Set([6, 7]);
const LAYERS = 'embedding, recurrent, convolution, pooling, batch norm, elementwise, linear and softmax layers';

export interface Interpreted {
  readonly kind: 'language_model' | 'classifier';
  readonly nodes: readonly Node[];
  readonly vocabSize: number;
  /** Of the output layer. */
  readonly rows: number;
  /** Tokens that the convolutions and pools need. */
  readonly leastTokens: number;
  /** The only length a model was exported for; undefined if any will do. */
  readonly fixedTokens: number | undefined;
}

/**
 * @param path the file's name, for messages
 * @throws LinnetError bad_checkpoint, unsupported_model, or what `readExternal` throws
 */
export function interpret({ graph, opset_import }: ModelProto, path: string, readExternal: ReadExternal): Interpreted {
  if (!graph || graph.node.length === 0)
    throw new LinnetError('bad_checkpoint', 'no ONNX model', path, 'export the model again, or copy the file again');
  const opset = opset_import.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 1;
  const values = new Map<string, Value>();
  for (const tensor of graph.initializer)
    values.set(tensor.name ?? '', { kind: 'constant', tensor: readTensor(tensor, path, readExternal) });
  for (const input of graph.input)
    if (!values.has(input.name ?? '')) values.set(input.name ?? '', inputValue(input, path));

  const builder = new GraphBuilder(path);
  const nodes = neededNodes(graph);
  const readers = countReaders(graph, nodes);
  for (const proto of nodes) {
    const inputs = proto.input.map((name) => (name === '' ? undefined : valueOf(values, name, path)));
    const outputs = runNode(new OnnxNode(proto, inputs, opset, path), proto, builder);
    proto.output.forEach((name, i) => {
      const value = outputs[i];
      if (name === '' || !value) return;
      const several = value.kind === 'activation' && (readers.get(name) ?? 0) > 1;
      values.set(name, several ? { ...value, shared: true } : value);
    });
  }
  return conclude(builder, logitsOf(graph, values, path), path);
}

function runNode(node: OnnxNode, { domain }: NodeProto, builder: GraphBuilder) {
  const op = !domain || domain === 'ai.onnx' ? OPS.get(node.op) : undefined;
  if (op) return op(node, builder);
  const name = domain ? `${domain}.${node.op}` : node.op;
  throw node.unsupported(`operator ${name} is not supported`, `replace it: this version imports ${LAYERS}`);
}

/** Those that an output depends on, in the file's order, which must be an order of execution. */
function neededNodes(graph: GraphProto): NodeProto[] {
  const needed = new Set(graph.output.map(({ name }) => name ?? ''));
  const nodes: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => name !== '' && needed.has(name))) continue;
    node.input.forEach((name) => needed.add(name));
    nodes.push(node);
  }
  return nodes.reverse();
}

/** How often each value is read, by nodes or as an output of the model. */
function countReaders(graph: GraphProto, nodes: readonly NodeProto[]): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  const names = [...nodes.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name ?? '')];
  for (const name of names) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

function valueOf(values: ReadonlyMap<string, Value>, name: string, path: string): Value {
  const value = values.get(name);
  if (value) return value;
  throw new LinnetError(
    'bad_checkpoint',
    `value "${name}" is read before it is made`,
    path,
    'export the model again, and check it with onnx.checker',
  );
}

/** Token ids [time], [time, batch] or [batch, time]; a float input can only be the state of a recurrent layer. */
function inputValue({ name = '', type }: ValueInfoProto, path: string): Value {
  const { elem_type: elements = 0, shape } = type?.tensor_type ?? {};
  if (FLOAT_TYPES.has(elements)) return { kind: 'state', from: 'input', name };
  const axes = shape?.dim.map(({ dim_value: size }): Axis => {
    const atom: Atom = { of: 'tokens', size: size || undefined };
    return size === 1 ? [] : [atom];
  });
  if (INTEGER_TYPES.has(elements) && axes && axes.length >= 1 && axes.length <= 2) return { kind: 'tokens', axes };
  throw new LinnetError(
    'unsupported_model',
    axes ? `input "${name}" of rank ${axes.length} and type ${elements}` : `input "${name}" has no shape`,
    path,
    'a model takes int64 token ids, [time, batch] or [batch, time], and perhaps float states',
  );
}

/** The one output that is a layer's; the others are states. */
function logitsOf(graph: GraphProto, values: ReadonlyMap<string, Value>, path: string): Activation {
  const isState = (value: Value) => value.kind === 'state' || (value.kind === 'activation' && value.state);
  const found = graph.output.map(({ name = '' }) => valueOf(values, name, path)).filter((value) => !isState(value));
  const [logits] = found;
  if (found.length === 1 && logits!.kind === 'activation') return logits as Activation;
  throw new LinnetError(
    'unsupported_model',
    `${found.length} outputs beside states, ${found.map(({ kind }) => kind).join(', ') || 'none'}`,
    path,
    'export a model whose one output is the logits',
  );
}

function conclude(builder: GraphBuilder, given: Activation, path: string): Interpreted {
  const refuse = (what: string, remedy: string) => new LinnetError('unsupported_model', what, path, remedy);
  const logits = given.time ? given : asLinear(builder, given);
  const last = builder.node(builder.read(logits));
  const nodes = builder.finish();
  if (last.op !== 'linear' || last.activation !== 'none')
    throw refuse(
      `the model ends in ${last.op === 'linear' ? last.activation : last.op}`,
      'end it in a linear layer, and perhaps a softmax',
    );
  const [embedding] = nodes;
  if (embedding?.op !== 'embedding') throw refuse('it has no embedding', 'begin with an embedding of token ids');
  const vocabSize = embedding.table.shape[0]!;
  const rows = logits.source.features;
  const { fixedTokens, lengthsOf } = builder.timeAxis;
  const common = { vocabSize, rows, leastTokens: leastTokens(nodes), fixedTokens };
  if (lengthsOf && Math.max(common.leastTokens, fixedTokens ?? 1) > 1)
    throw lengthsOf.unsupported(
      'it is given sequence lengths in a model that pads short texts',
      'export the model without packed sequences: Linnet runs one text at a time',
    );
  if (!logits.time) {
    if (rows > LIMITS.max_labels) throw refuse(`${rows} labels`, `this version supports ${LIMITS.max_labels}`);
    return {
      kind: 'classifier',
      nodes: [...nodes, { op: 'softmax', output: 'softmax', input: last.output }],
      ...common,
    };
  }
  if (rows !== vocabSize)
    throw refuse(
      `${rows} logits a step for a vocabulary of ${vocabSize}`,
      'a language model predicts ids of its own vocabulary; a classifier takes a maximum, mean or the last step over time',
    );
  checkStepwise(nodes, path);
  return { kind: 'language_model', nodes, ...common };
}

/** A language model goes from step to step and looks neither ahead nor back but through its states. */
function checkStepwise(nodes: readonly Node[], path: string): void {
  const refuse = (node: Node, what: string, remedy: string) =>
    new LinnetError('unsupported_model', what, `${path}, node "${node.output}" (${node.op})`, remedy);
  const shapes = shapesOf(nodes);
  for (const node of nodes) {
    if ('direction' in node && node.direction === 'reverse')
      throw refuse(
        node,
        'a language model with a reverse layer',
        'it cannot generate: the reverse half needs the future',
      );
    const windowed = node.op === 'conv' ? node.weight.shape[1] !== 1 : node.op === 'pool' && node.kernel[0] !== 1;
    if (windowed || !sameTime(shapes.get(node.output)!.time, PER_TOKEN))
      throw refuse(
        node,
        'a language model that looks at several steps at once',
        'use recurrent layers along time; convolutions and pools may go along width',
      );
  }
}
