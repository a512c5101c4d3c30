/** Labelled sentences: `label<TAB>text` or `label text` a line, labels by number or by name. */
import { LinnetError } from '../errors.js';
import { readText } from './files.js';

export interface Example {
  /** Position in the model's list of labels. */
  readonly label: number;
  readonly text: string;
}

/** @param labels the model's; a file may name them or number them from 0 */
export function readLabelled(path: string, labels: readonly string[]): Example[] {
  return parseLabelled(readText(path), labels, path);
}

/** @param where the file's name, for messages */
export function parseLabelled(text: string, labels: readonly string[], where: string): Example[] {
  const examples = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === '' ? [] : [parseLine(line, labels, `${where}:${i + 1}`)]));
  if (examples.length === 0)
    throw new LinnetError('bad_text', 'no examples', where, 'give a file of lines "label<TAB>text"');
  return examples;
}

function parseLine(line: string, labels: readonly string[], where: string): Example {
  const words = [/^([^\t]+)\t(.*)$/, /^\s*(\S+)\s+(.*)$/]
    .map((form) => line.match(form))
    .filter((match) => match !== null);
  for (const [, word = '', text = ''] of words) {
    const label = labelOf(word.trim(), labels);
    if (label !== undefined && text.trim() !== '') return { label, text: text.trim() };
  }
  const [, word] = words[0] ?? [];
  if (word === undefined || labelOf(word.trim(), labels) !== undefined)
    throw new LinnetError('bad_text', 'line is not "label<TAB>text" or "label text"', where, 'mend or drop it');
  const known = `${labels.join(', ')}, or 0 to ${labels.length - 1}`;
  throw new LinnetError('bad_text', `unknown label "${word.trim().slice(0, 40)}"`, where, `use ${known}`);
}

function labelOf(word: string, labels: readonly string[]): number | undefined {
  const named = labels.indexOf(word);
  if (named >= 0) return named;
  return /^\d{1,4}$/.test(word) && Number(word) < labels.length ? Number(word) : undefined;
}
