/** A model made to attack whoever looks at its report. */
import type { Graph } from '../../src/graph/graph.js';

export const HOSTILE = '</script><img src=x onerror=alert(1)>';

/** The same graph with this text, and quotes, in every name that there is. */
export function hostile(graph: Graph): Graph {
  const evil = (text: string) => `${HOSTILE}"'${text}`;
  const name = (value: string) => evil(value);
  const bytes = (token: Uint8Array) =>
    token.length === 0 ? token : new TextEncoder().encode(evil(new TextDecoder().decode(token)));
  return {
    ...graph,
    name: evil(graph.name),
    labels: graph.labels.map(evil),
    tokenizer: { ...graph.tokenizer, tokens: graph.tokenizer.tokens.map(bytes) },
    nodes: graph.nodes.map((node) => ({
      ...node,
      output: name(node.output),
      ...('input' in node && { input: name(node.input) }),
      ...('inputs' in node && { inputs: node.inputs.map(name) }),
    })) as Graph['nodes'],
  };
}
