/** The conformance images, as the tests of the engines use them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CONFORMANCE = join(__dirname, '..', 'conformance');
export const LANGUAGE_MODELS = ['lm-tied', 'lm-untied', 'lm-extreme', 'lm-gru'] as const;
export const CLASSIFIERS = ['cnn', 'cnn-extreme', 'sequence', 'bidirectional', 'bidirectional-extreme'] as const;
export const IMAGES = [...LANGUAGE_MODELS, ...CLASSIFIERS] as const;

export function imagePath(name: (typeof IMAGES)[number]): string {
  return join(CONFORMANCE, `${name}.linnet`);
}

export function imageBytes(name: (typeof IMAGES)[number]): Buffer {
  return readFileSync(imagePath(name));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
