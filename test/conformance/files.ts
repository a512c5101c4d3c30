/** The committed files of this folder, as they must be. */
import { openImage, type Image } from '../../src/image/read';
import { writeImage } from '../../src/image/write';
import { MODELS } from './models';
import { FORMS, makeVectors, type Value, type Vector } from './vectors';

/** File name → contents. */
export function makeFiles(): Map<string, Uint8Array> {
  const images = new Map<string, Image>(
    Object.entries(MODELS).map(([name, make]) => [name, openImage(writeImage(make()), name)]),
  );
  const vectors = makeVectors(images);
  return new Map([
    ...[...images].map(([name, image]) => [`${name}.linnet`, image.bytes] as const),
    ['vectors.json', Buffer.from(`[\n${vectors.map((v) => JSON.stringify(v)).join(',\n')}\n]\n`)] as const,
    ['vectors.txt', Buffer.from(text(vectors))] as const,
  ]);
}

function text(vectors: readonly Vector[]): string {
  const forms = Object.entries(FORMS).map(([type, form]) => `# ${type} ${form}`);
  const lines = vectors.map(({ type, image, input, output }) =>
    [type, ...(image === undefined ? [] : [image]), ...[...input, ...output].map(field)].join(' '),
  );
  return [
    '# Made by test/conformance/make.ts. One vector a line: type, then its fields, input → output. Lists are joined by',
    '# commas, an empty list or string is "-".',
    ...forms,
    ...lines,
    '',
  ].join('\n');
}

function field(value: Value): string {
  return (typeof value === 'object' ? value.join(',') : String(value)) || '-';
}
