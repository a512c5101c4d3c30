/** Reads a Hugging Face `tokenizer.json` into an image's tables, or says by name what it cannot carry over. */
import { LIMITS } from '../schema/image.js';
import { importBpe } from './import-bpe.js';
import { importWordLevel } from './import-word-level.js';
import { bad, isObject, steps, unsupported, type TokenizerJson } from './json.js';
import type { TokenizerTables } from './tables.js';

/**
 * @param json the parsed file
 * @param where its name, for messages
 * @throws LinnetError "unsupported_model" for what Linnet has no form of, "bad_checkpoint" for what makes no sense
 */
export function importTokenizer(json: unknown, where: string): TokenizerTables {
  if (!isObject(json) || !isObject(json.model)) throw bad('it has no "model"', where);
  for (const part of ['truncation', 'padding', 'post_processor'] as const)
    if (json[part] !== undefined && json[part] !== null)
      throw unsupported(
        `${part} ${typeOf(json[part])}`,
        where,
        `set "${part}" to null; Linnet adds BOS and padding itself`,
      );
  const parsed: TokenizerJson = {
    where,
    model: json.model,
    normalizers: steps(json.normalizer, 'normalizers', where),
    preTokenizers: steps(json.pre_tokenizer, 'pretokenizers', where),
    decoders: steps(json.decoder, 'decoders', where),
    ...readVocabulary(json, where),
  };
  switch (json.model.type) {
    case 'BPE':
      return importBpe(parsed);
    case 'WordLevel':
      return importWordLevel(parsed);
    default:
      throw unsupported(
        `tokenizer model ${typeOf(json.model)}`,
        where,
        'use a BPE (byte_fallback) or a WordLevel tokenizer',
      );
  }
}

function typeOf(value: unknown): string {
  return isObject(value) && typeof value.type === 'string' ? value.type : '(without a type)';
}

/** The names of all ids, and which of them are special. */
function readVocabulary(
  json: Record<string, unknown>,
  where: string,
): Pick<TokenizerJson, 'names' | 'idOf' | 'special'> {
  const model = json.model as Record<string, unknown>;
  if (!isObject(model.vocab)) throw bad('its model has no "vocab"', where);
  const idOf = new Map<string, number>();
  const add = (name: string, id: unknown): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      throw bad(`token ${JSON.stringify(name)} has id ${String(id)}`, where);
    if ((idOf.get(name) ?? id) !== id) throw bad(`token ${JSON.stringify(name)} has two ids`, where);
    idOf.set(name, id);
  };
  for (const [name, id] of Object.entries(model.vocab)) add(name, id);
  const special = new Set<number>();
  const added: unknown = json.added_tokens ?? [];
  if (!Array.isArray(added)) throw bad('"added_tokens" is no list', where);
  for (const token of added as unknown[]) {
    if (!isObject(token) || typeof token.content !== 'string') throw bad('an added token has no "content"', where);
    if (token.special !== true)
      throw unsupported(
        `added token ${JSON.stringify(token.content)} that is not special`,
        where,
        'put it into the vocabulary, or mark it special',
      );
    add(token.content, token.id);
    special.add(token.id as number);
  }
  if (idOf.size < 1 || idOf.size > LIMITS.max_vocab)
    throw unsupported(`vocabulary of ${idOf.size} tokens`, where, `use 1 … ${LIMITS.max_vocab}`);
  const names = new Array<string | undefined>(idOf.size).fill(undefined);
  for (const [name, id] of idOf) {
    if (id >= names.length || names[id] !== undefined)
      throw bad(`ids are not 0 … ${names.length - 1}, each once (${JSON.stringify(name)}: ${id})`, where);
    names[id] = name;
  }
  return { names: names as string[], idOf, special };
}
