/** Whether boards gave the same answer. */

export interface Result {
  readonly name: string;
  /** Token ids or scores; undefined if the board failed. */
  readonly result: readonly number[] | undefined;
}

export interface Agreement {
  readonly agree: boolean;
  /** One line that says it. */
  readonly line: string;
}

/** @param unit what results are made of: "token" */
export function compareResults(results: readonly Result[], unit: string): Agreement {
  const [first, ...others] = results.flatMap(({ name, result }) => (result ? [{ name, result }] : []));
  const failed = results.filter(({ result }) => !result).map(({ name }) => name);
  const missing = failed.length > 0 ? `; no answer from ${failed.join(', ')}` : '';
  if (!first) return { agree: false, line: 'no board answered' };
  const different = others.flatMap(({ name, result }) => {
    const at = firstDifference(first.result, result);
    return at === undefined ? [] : [`${name} differs from ${first.name} from ${unit} ${at + 1} on`];
  });
  const agree = different.length === 0 && failed.length === 0;
  if (different.length > 0) return { agree, line: different.join('; ') + missing };
  if (others.length === 0) return { agree, line: `only ${first.name} answered${missing}` };
  const boards = `all ${others.length + 1} boards${failed.length > 0 ? ' that answered' : ''}`;
  return { agree, line: `${boards} agree ${unit} for ${unit} (${first.result.length})${missing}` };
}

function firstDifference(a: readonly number[], b: readonly number[]): number | undefined {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return undefined;
}
