/** Which tokens go on the map of the embeddings, and how they are written there. */
import type { TokenizerTables } from '../tokenizer/tables.js';

/** More would take longer than the rest of the report, and hide each other. */
export const MOST_POINTS = 400;

export interface ChosenTokens {
  readonly ids: readonly number[];
  /** Printable. */
  readonly texts: readonly string[];
  /** So many of them, the first, occur in the sequences. */
  readonly seen: number;
}

/**
 * The most frequent tokens that have a text of their own: no special tokens, no single bytes of a character.
 *
 * @param sequences token ids of typical text; tokens that are not in it come last, in order of their ids
 * @param rows of the embedding table
 */
export function chooseTokens(
  tables: TokenizerTables,
  sequences: readonly ArrayLike<number>[],
  rows: number,
): ChosenTokens {
  const frequency = new Map<number, number>();
  for (const ids of sequences) for (const id of Array.from(ids)) frequency.set(id, (frequency.get(id) ?? 0) + 1);
  const chosen = Array.from({ length: Math.min(rows, tables.tokens.length) }, (_, id) => ({
    id,
    text: textOf(tables, id),
  }))
    .filter((token): token is { id: number; text: string } => token.text !== undefined)
    .sort((a, b) => (frequency.get(b.id) ?? 0) - (frequency.get(a.id) ?? 0) || a.id - b.id)
    .slice(0, MOST_POINTS);
  return {
    ids: chosen.map(({ id }) => id),
    texts: chosen.map(({ text }) => text),
    seen: chosen.filter(({ id }) => frequency.has(id)).length,
  };
}

function textOf({ tokens, unkId, byteIds }: TokenizerTables, id: number): string | undefined {
  if (id === unkId || tokens[id]!.length === 0 || byteIds.includes(id)) return undefined;
  try {
    return visible(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(tokens[id]));
  } catch {
    return undefined; // part of a character
  }
}

/** Spaces and line ends get a mark; other characters that show nothing, their number. */
export function visible(text: string): string {
  return text
    .replaceAll(' ', '␣')
    .replaceAll('\n', '⏎')
    .replaceAll('\t', '⇥')
    .replace(/[\p{C}\p{Z}]/gu, (c) => `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
}
