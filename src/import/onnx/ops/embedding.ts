/** Gather of a table by token ids. */
import { LIMITS } from '../../../schema/image.js';
import type { GraphBuilder } from '../builder.js';
import type { OnnxNode } from '../node.js';
import { features, type Activation, type Tokens } from '../values.js';
import { PER_TOKEN } from '../../../image/time.js';

export function embedding(node: OnnxNode, graph: GraphBuilder, tokens: Tokens): Activation {
  const { name, dims, data } = node.weights(0);
  const [rows, size] = dims as [number, number];
  if (dims.length !== 2 || node.int('axis', 0) !== 0)
    throw node.unsupported(`token ids select from a tensor of rank ${dims.length}`, 'embed ids with nn.Embedding');
  if (graph.hasEmbedding())
    throw node.unsupported('it is a second embedding', 'this version takes one sequence of ids and one table');
  if (rows > LIMITS.max_vocab || size > LIMITS.max_columns || rows < 1 || size < 1)
    throw node.unsupported(
      `table of ${rows} × ${size}`,
      `this version supports ${LIMITS.max_vocab} × ${LIMITS.max_columns}`,
    );
  const layout = features(size);
  const axes = [...tokens.axes, layout];
  return graph.layer(
    { op: 'embedding', output: node.name, table: { name, shape: dims, data } },
    axes,
    layout,
    PER_TOKEN,
  );
}
