/** BPE with byte fallback and no pre-tokenizer, as Llama's tokenizers have it. */
import { bad, checkLengths, sortByBytes, unsupported, type TokenizerJson } from './json.js';
import type { MergeRule, TokenizerTables } from './tables.js';
import { codePointAt, INVALID, sizeOf } from './unicode.js';

const SPACE_MARK = '▁';
const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/;
const MAX_MERGES = 0xffff;

export function importBpe(json: TokenizerJson): TokenizerTables {
  const { names, special, where } = json;
  const marked = checkSteps(json);
  checkOptions(json);
  const byteIds = new Array<number | undefined>(256).fill(undefined);
  const tokens = names.map((name, id) => {
    if (special.has(id)) return new Uint8Array();
    const byte = BYTE_TOKEN.exec(name);
    if (byte) {
      const value = parseInt(byte[1]!, 16);
      byteIds[value] = id;
      return Uint8Array.of(value);
    }
    if (marked && name.includes(' '))
      throw bad(`token ${JSON.stringify(name)} has a space, which text never has here`, where);
    const text = marked ? name.replaceAll(SPACE_MARK, ' ') : name;
    if (/[^ ] /.test(text))
      throw unsupported(
        `token ${JSON.stringify(name)} with a space after another character`,
        where,
        'train it so that a space only begins a token',
      );
    return new TextEncoder().encode(text);
  });
  checkLengths(tokens, names, where);
  const isText = (id: number): boolean => !special.has(id) && !BYTE_TOKEN.test(names[id]!);
  const characters = tokens.flatMap((text, id) => (isText(id) && isOneCharacter(text) ? [id] : []));
  checkCoverage(byteIds, characters, tokens, where);
  return {
    kind: 'bpe',
    lowercase: false,
    splitPunctuation: false,
    joinWithSpace: false,
    appendEos: false,
    asciiSpaces: false,
    lineFeed: false,
    wordNgrams: 1,
    bucketCount: 0,
    tokens,
    sortedIds: sortByBytes(characters, tokens),
    merges: readMerges(json, isText),
    byteIds,
  };
}

/** Whether ▁ stands for a space. */
function checkSteps({ normalizers, preTokenizers, decoders, where }: TokenizerJson): boolean {
  const replaces = (step: TokenizerJson['normalizers'][number], from: string, to: string): boolean =>
    step.type === 'Replace' &&
    (step.pattern as { String?: unknown } | undefined)?.String === from &&
    step.content === to;
  const marked = normalizers.some((n) => replaces(n, ' ', SPACE_MARK));
  for (const step of normalizers)
    if (!replaces(step, ' ', SPACE_MARK))
      throw unsupported(`normalizer ${step.type}`, where, `use none, or Replace of " " by "${SPACE_MARK}"`);
  if (preTokenizers.length > 0)
    throw unsupported(`pre-tokenizer ${preTokenizers[0]!.type}`, where, 'use a BPE tokenizer without one');
  for (const step of decoders)
    if (step.type !== 'ByteFallback' && step.type !== 'Fuse' && !(marked && replaces(step, SPACE_MARK, ' ')))
      throw unsupported(`decoder ${step.type}`, where, `use Replace of "${SPACE_MARK}" by " ", ByteFallback and Fuse`);
  return marked;
}

function checkOptions({ model, where }: TokenizerJson): void {
  if (model.byte_fallback !== true)
    throw unsupported(
      'BPE without byte_fallback',
      where,
      'train it with byte_fallback, so that every text can be encoded',
    );
  for (const option of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'ignore_merges'])
    if (model[option]) throw unsupported(`BPE option ${option}`, where, 'use a tokenizer without it');
}

function isOneCharacter(text: Uint8Array): boolean {
  if (text.length === 0) return false;
  const code = codePointAt(text, 0);
  return code !== INVALID && sizeOf(code) === text.length;
}

function checkCoverage(
  byteIds: readonly (number | undefined)[],
  characters: readonly number[],
  tokens: readonly Uint8Array[],
  where: string,
): void {
  const ascii = new Set(characters.filter((id) => tokens[id]!.length === 1).map((id) => tokens[id]![0]!));
  for (let byte = 0; byte < 256; byte++)
    if (byteIds[byte] === undefined && !ascii.has(byte)) {
      const name = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
      throw unsupported(
        `a vocabulary without the byte token ${name}`,
        where,
        'add it, so that every text can be encoded',
      );
    }
}

function readMerges({ model, idOf, names, where }: TokenizerJson, isText: (id: number) => boolean): MergeRule[] {
  if (!Array.isArray(model.merges)) throw bad('its model has no "merges"', where);
  if (model.merges.length > MAX_MERGES)
    throw unsupported(`${model.merges.length} merges`, where, `use at most ${MAX_MERGES}`);
  const seen = new Set<string>();
  const rules = (model.merges as unknown[]).map((merge, rank) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((p) => typeof p !== 'string'))
      throw bad(`merge ${rank} is no pair: ${JSON.stringify(merge)}`, where);
    const [left, right] = pair as [string, string];
    const ids = [left, right, left + right].map((name) => idOf.get(name));
    const missing = ids.findIndex((id) => id === undefined);
    if (missing >= 0)
      throw bad(
        `merge ${rank} needs token ${JSON.stringify([left, right, left + right][missing])}, which the vocabulary lacks`,
        where,
      );
    const other = (ids as number[]).find((id) => !isText(id));
    if (other !== undefined)
      throw unsupported(
        `a merge with the byte or special token ${names[other]!}`,
        where,
        'use a tokenizer whose merges join text only',
      );
    if (seen.has(`${ids[0]} ${ids[1]}`)) throw bad(`merge ${rank} is there twice`, where);
    seen.add(`${ids[0]} ${ids[1]}`);
    return { left: ids[0]!, right: ids[1]!, rank, id: ids[2]! };
  });
  return rules.sort((a, b) => a.left - b.left || a.right - b.right);
}
