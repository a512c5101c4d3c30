/** Text in, whole files out, labelled lines: each failure is told in one line. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readText, writeFileWhole } from '../../src/cli/files.js';
import { readLabelled } from '../../src/cli/labelled.js';

const LABELS = ['negative', 'positive', 'very good'];
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test('text is read as UTF-8, also from a .gz file', () => {
  expect(readText(file('a.txt', 'Zoë ☃\n'))).toBe('Zoë ☃\n');
  expect(readText(file('a.txt.gz', gzipSync('Zoë ☃\n')))).toBe('Zoë ☃\n');
});

test.each([
  ['a missing file', () => join(folder, 'none.txt'), 'file_not_found'],
  ['a directory', () => folder, 'file_unreadable'],
  ['a device', () => '/dev/zero', 'file_unreadable'],
  ['bytes that are not UTF-8', () => file('latin1.txt', Buffer.from([0x63, 0xe9])), 'bad_text'],
  ['a .gz that is not gzip', () => file('x.gz', 'plain'), 'bad_text'],
  ['a .gz cut short', () => file('y.gz', gzipSync('a'.repeat(1000)).subarray(0, 20)), 'bad_text'],
])('%s is refused as text', (_, path, code) => {
  expect(() => readText(path())).toThrow(
    expect.objectContaining({ code, where: expect.stringMatching(/linnet-files|zero/) }),
  );
});

test('labels are read by number, by name, and with spaces before a tab', () => {
  const path = file('l.tsv', '1 it works\n\nnegative\tnot  good\r\nvery good\tso nice\n0\t1 star\n');
  expect(readLabelled(path, LABELS)).toEqual([
    { label: 1, text: 'it works' },
    { label: 0, text: 'not  good' },
    { label: 2, text: 'so nice' },
    { label: 0, text: '1 star' },
  ]);
});

test.each([
  ['1 fine\n3 what\n', 'unknown label "3"', ':2'],
  ['meh what\n', 'unknown label "meh"', ':1'],
  ['-1 what\n', 'unknown label "-1"', ':1'],
  ['1.0 what\n', 'unknown label "1.0"', ':1'],
  ['word\n', 'line is not', ':1'],
  ['1\t\n', 'line is not', ':1'],
  ['\n \n', 'no examples', ''],
  ['', 'no examples', ''],
])('labelled lines %j are refused: %s', (content, what, line) => {
  const path = file('l.tsv', content);
  expect(() => readLabelled(path, LABELS)).toThrow(
    expect.objectContaining({ code: 'bad_text', what: expect.stringContaining(what), where: path + line }),
  );
});

test('a file is replaced whole, and no temporary file stays', () => {
  const path = file('out.bin', 'old');
  writeFileWhole(path, Buffer.from('new'));
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['out.bin']);
});

test('a missing folder, a directory and a path through a file are refused, and nothing is left behind', () => {
  mkdirSync(join(folder, 'dir'));
  file('plain', '');
  for (const path of ['none/x.bin', 'dir', 'plain/x.bin'])
    expect(() => writeFileWhole(join(folder, path), Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'file_unwritable', where: join(folder, path) }),
    );
  expect(readdirSync(folder).sort()).toEqual(['dir', 'plain']);
});

(existsSync('/dev/full') ? test : test.skip)('a full device is told as a full disk', () => {
  expect(() => writeFileWhole('/dev/full', Buffer.from('x'))).toThrow(
    expect.objectContaining({ what: 'disk is full', where: '/dev/full' }),
  );
});

test('a file beyond the size limit keeps the old one and leaves no temporary file', () => {
  const path = file('out.bin', 'old');
  // ulimit -f counts KiB in bash; SIGXFSZ is ignored by Node, so the write fails with EFBIG.
  const script = `require('tsx/cjs'); const { writeFileWhole } = require('./src/cli/files.ts');
    try { writeFileWhole(${JSON.stringify(path)}, Buffer.alloc(1 << 20)); } catch (e) { console.log(e.code + '|' + e.message); }`;
  const { stdout } = spawnSync('bash', ['-c', `ulimit -f 64; TSX_DISABLE_CACHE=1 exec node -e "$0"`, script], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^file_unwritable\|file is larger than the system lets it be \(.*out\.bin\): /);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['out.bin']);
});

test('a folder without write permission is refused', () => {
  if (process.getuid?.() === 0) {
    // Root may write anywhere; an immutable place is /proc.
    expect(() => writeFileWhole('/proc/x.bin', Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'file_unwritable' }),
    );
    return;
  }
  chmodSync(folder, 0o500);
  expect(() => writeFileWhole(join(folder, 'x.bin'), Buffer.from('x'))).toThrow(
    expect.objectContaining({ what: 'not allowed to write here' }),
  );
  chmodSync(folder, 0o700);
});
