/** The committed images and vectors are what the reference engine makes today. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFiles } from './files';
import { FORMS } from './vectors';

const files = makeFiles();
const REMEDY = 'run "npx tsx test/conformance/make.ts" if the change is meant';

test.each([...files.keys()])('%s is up to date', (name) => {
  const committed = readFileSync(join(__dirname, name));
  const made = Buffer.from(files.get(name)!);
  if (committed.equals(made)) return;
  const at = committed.findIndex((byte, i) => byte !== made[i]);
  throw new Error(`${name} differs from byte ${at} on; ${REMEDY}`);
});

test('no image here is left over from an older model', () => {
  expect(readdirSync(__dirname).filter((name) => name.endsWith('.linnet') && !files.has(name))).toEqual([]);
});

test('every type of vector is there, and every line has its fields', () => {
  const lines = Buffer.from(files.get('vectors.txt')!)
    .toString()
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  const counts = new Map<string, Set<number>>();
  for (const line of lines) {
    const fields = line.split(' ');
    expect(fields).not.toContain('');
    counts.set(fields[0]!, (counts.get(fields[0]!) ?? new Set<number>()).add(fields.length));
  }
  expect([...counts.keys()].sort()).toEqual(Object.keys(FORMS).sort());
  for (const lengths of counts.values()) expect(lengths.size).toBe(1);
});
