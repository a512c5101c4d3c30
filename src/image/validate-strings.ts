/** docs/format.md, "What a reader checks", 9: the model's name and its labels. */
import { LIMITS } from '../schema/image.js';
import type { Fail } from './fault.js';
import type { HeaderValues } from './validate-header.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function validateStrings(
  bytes: Uint8Array,
  header: HeaderValues,
  fail: Fail,
): { name: string; labels: string[] } {
  const { offset, size } = header.strings;
  const refuse = (why: string): never => fail('bad_strings', offset, why);
  const strings: string[] = [];
  let start = offset;
  for (let at = offset; at < offset + size; at++) {
    if (bytes[at] !== 0) continue;
    strings.push(decode(bytes.subarray(start, at), refuse));
    start = at + 1;
  }
  if (start !== offset + size) refuse('the last one has no end');
  if (strings.length !== 1 + header.label_count)
    refuse(`${strings.length} strings, ${1 + header.label_count} expected`);
  const [name, ...labels] = strings;
  return { name: name!, labels };
}

function decode(text: Uint8Array, refuse: (why: string) => never): string {
  if (text.length < 1 || text.length > LIMITS.max_text_bytes) refuse(`one has ${text.length} bytes`);
  let string: string;
  try {
    string = UTF8.decode(text);
  } catch {
    return refuse('one is not UTF-8');
  }
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(string)) refuse('one has control characters');
  return string;
}
