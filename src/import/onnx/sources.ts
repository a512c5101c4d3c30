/** What an activation is before a layer reads it: parts, joins and changes of layers, and the nodes they become. */
import type { Node } from '../../graph/graph.js';
import { elementwise, perChannel, poolOverTime } from '../../graph/nodes.js';
import { LIMITS } from '../../schema/image.js';
import type { Source } from './values.js';

/** @param read gives the name of a source's value */
export function nodeOf(source: Exclude<Source, { op: 'node' }>, read: (source: Source) => string): Node {
  if (source.op === 'concat') {
    const inputs = inGroups(source.sources, source.name).map(read);
    return { op: 'concat', output: source.name, inputs };
  }
  const named = { output: source.name, input: read(source.source) };
  switch (source.op) {
    case 'last':
      return { op: 'last_step', ...named, direction: source.direction };
    case 'single':
      return poolOverTime(named, 'max', source.features);
    case 'affine':
      return perChannel(named, Float32Array.from(source.scale), Float32Array.from(source.offset), 'none');
    case 'pad': {
      const { channels, padBegin, padEnd } = source;
      const ones = new Float32Array(channels).fill(1);
      const plain =
        padBegin[1] + padEnd[1] > 0
          ? perChannel(named, ones, new Float32Array(channels), 'none')
          : elementwise(named, 'none');
      return { ...plain, padBegin, padEnd };
    }
    case 'select': {
      const { indices, features } = source;
      const columns = source.source.features;
      const data = new Float32Array(features * columns);
      indices.forEach((column, row) => (data[row * columns + column] = 1));
      const weight = { name: `${source.name}.select`, shape: [features, columns], data };
      const bias = { name: `${source.name}.bias`, shape: [features], data: new Float32Array(features) };
      return { op: 'linear', ...named, weight, bias, activation: 'none' };
    }
  }
}

/** A concat joins so many inputs; more are joined in groups. */
function inGroups(sources: readonly Source[], name: string): readonly Source[] {
  const most = LIMITS.max_concat_inputs;
  if (sources.length <= most) return sources;
  const groups: Source[] = [];
  for (let at = 0; at < sources.length; at += most) groups.push(join(sources.slice(at, at + most), name));
  return inGroups(groups, name);
}

/** Features of the sources one after another. */
export function join(sources: readonly Source[], name: string): Source {
  if (sources.length === 1) return sources[0]!;
  const parts = sources.flatMap((source) => (source.op === 'concat' ? source.sources : [source]));
  return { op: 'concat', name, sources: parts, features: parts.reduce((sum, { features }) => sum + features, 0) };
}

/** The step a layer ends with. */
export function last(source: Source, direction: 'forward' | 'reverse', name: string): Source {
  if (source.op !== 'concat') return { op: 'last', name, source, direction, features: source.features };
  return join(
    source.sources.map((part) => last(part, direction, name)),
    name,
  );
}

/** Features by index, whole parts of a join where the indices say so. */
export function select(source: Source, indices: readonly number[], name: string): Source {
  const [start] = indices;
  const run = indices.every((index, i) => index === start! + i);
  if (run && indices.length === source.features) return source;
  if (run && source.op === 'concat') {
    let at = 0;
    const parts: Source[] = [];
    for (const part of source.sources) {
      if (at >= start! && at + part.features <= start! + indices.length) parts.push(part);
      at += part.features;
    }
    if (parts.reduce((sum, { features }) => sum + features, 0) === indices.length) return join(parts, name);
  }
  return { op: 'select', name, source, indices, features: indices.length };
}
