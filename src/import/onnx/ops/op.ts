/** What a file of this folder gives for each ONNX operator: the values of a node's outputs. */
import type { GraphBuilder } from '../builder.js';
import type { OnnxNode } from '../node.js';
import type { Value } from '../values.js';

/** @throws LinnetError for what this version cannot take; the node's methods make them */
export type Op = (node: OnnxNode, graph: GraphBuilder) => readonly (Value | undefined)[];
