/** What a user can get wrong, run as a user would: an exit code and one line, never a crash, never half a file. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLASSIFIER, linnet, LM, MAIN, ONE_LINE, ROOT, start } from './child.js';

jest.setTimeout(60_000);

const MODEL = join(ROOT, 'models/sst2-textcnn');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-bad-'));
  const image = readFileSync(join(ROOT, LM));
  const save = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);
  save('empty', Buffer.alloc(0));
  save('short', image.subarray(0, 50));
  save('truncated', image.subarray(0, image.length - 16));
  save('oversized', Buffer.concat([image, Buffer.alloc(16)]));
  const flipped = Buffer.from(image);
  flipped[flipped.length >> 1]! ^= 4;
  save('flipped', flipped);
  const version = Buffer.from(image);
  version.writeUInt16LE(99, 4);
  save('version', version);
  save('text', Buffer.from('Once upon a time\n'.repeat(100)));
  save('binary', readFileSync(process.execPath).subarray(0, 100_000));
  save('labels.tsv', Buffer.from('1\tgood\n7\tbad\n'));
  save('nothing.txt', Buffer.alloc(0));
  save('latin1.txt', Buffer.from([0xe9, 0x20, 0xe9]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** "@x" stands for the file x of the folder made above. */
const fill = (args: readonly string[]): string[] => args.map((arg) => arg.replace(/^@/, `${folder}/`));

const generate = ['--prompt', 'a'];
const cases: [string[], number, RegExp][] = [
  [['inspect', '@empty'], 1, /image is shorter than its header.* \(\S+empty/],
  [['inspect', '@short'], 1, /image is shorter than its header/],
  [['inspect', '@truncated'], 1, /cut short/],
  [['inspect', '@oversized'], 1, /extra bytes/],
  [['inspect', '@flipped'], 1, /damaged/],
  [['inspect', '@version'], 1, /version/],
  [['inspect', '@text'], 1, /not a \.linnet image/],
  [['inspect', '@binary'], 1, /not a \.linnet image/],
  [['inspect', '@none'], 1, /no such file \(\S+none\)/],
  [['inspect', '@'], 1, /not a regular file/],
  [['inspect', '/dev/zero'], 1, /not a regular file/],
  ...['empty', 'short', 'truncated', 'oversized', 'flipped', 'version', 'text', 'binary', 'none', ''].flatMap(
    (name): [string[], number, RegExp][] => [
      [['generate', `@${name}`, ...generate], 1, /^linnet: /],
      [['generate', `@${name}`, ...generate, '--engine', 'reference'], 1, /^linnet: /],
    ],
  ),
  [['generate', '@flipped', ...generate, '--board', 'netduinoplus2'], 1, /damaged/],
  [['generate', LM], 2, /required option/],
  [['generate', ...generate], 2, /missing required argument "image"/],
  [['generate', LM, ...generate, '--tokens', '-1'], 2, /"-1" is not a whole number/],
  [['generate', LM, ...generate, '--tokens', '0'], 2, /"0" is not a whole number/],
  [['generate', LM, ...generate, '--tokens', '1e9'], 2, /is not a whole number/],
  [['generate', LM, ...generate, '--temperature', 'NaN'], 2, /"NaN" is not a number/],
  [['generate', LM, ...generate, '--temperature', '-0.1'], 2, /is not a number from 0/],
  [['generate', LM, ...generate, '--top-k', '129'], 2, /from 0 to 128/],
  [['generate', LM, ...generate, '--seed', '4294967296'], 2, /from 0 to 4294967295/],
  [['generate', LM, ...generate, '--engine', 'quantum'], 2, /"quantum" is not one of/],
  [['generate', LM, ...generate, '--kernels', 'avx9'], 2, /"avx9" is not one of/],
  [['generate', LM, ...generate, '--engine', 'reference', '--kernels', 'avx2'], 2, /no kernels to choose from/],
  [['generate', LM, ...generate, '--board', 'host', '--engine', 'reference'], 2, /exclude each other/],
  [['generate', LM, ...generate, '--board', 'abacus'], 1, /unknown board "abacus"/],
  [['generate', LM, ...generate, '--port', '/dev/nothing'], 1, /\(\/dev\/nothing\)/],
  [['generate', LM, ...generate, '--port', '@text'], 1, /^linnet: /],
  [['generate', CLASSIFIER, ...generate], 1, /model cannot do this/],
  [['generate', CLASSIFIER, ...generate, '--board', 'host'], 1, /model cannot do this/],
  [['classify', LM, 'a'], 1, /model cannot do this/],
  [['classify', CLASSIFIER], 1, /no sentences/],
  [['classify', CLASSIFIER, ''], 1, /nothing to work on|no words/],
  [['classify', CLASSIFIER, 'word '.repeat(500)], 1, /longer than the model takes/],
  [['eval', LM], 2, /nothing to evaluate on/],
  [['eval', LM, '--text', '@nothing.txt'], 1, /^linnet: /],
  [['eval', LM, '--text', '@latin1.txt'], 1, /not UTF-8/],
  [['eval', LM, '--text', '@none.txt'], 1, /no such file/],
  [['eval', LM, '--text', '@text', '--labelled', '@labels.tsv'], 2, /exclude each other/],
  [['eval', LM, '--labelled', '@labels.tsv'], 1, /model cannot do this/],
  [['eval', CLASSIFIER, '--text', '@text'], 1, /model cannot do this/],
  [['eval', CLASSIFIER, '--labelled', '@labels.tsv'], 1, /unknown label "7" \(\S+labels\.tsv:2\)/],
  [['eval', CLASSIFIER, '--labelled', '@nothing.txt'], 1, /no examples/],
  [['eval', LM, '--text', '@text', '--against', '@none'], 1, /no such file/],
  [['quantize', '@none'], 1, /no such file/],
  [['quantize', '@text'], 1, /no such file|not a folder|no such folder/],
  [['quantize', MODEL, '-o', '@none/x.linnet'], 1, /folder does not exist/],
  [['quantize', MODEL, '-o', '@'], 1, /is a directory/],
  [['quantize', MODEL, '-o', '/dev/full'], 1, /disk is full \(\/dev\/full\)/],
  [['quantize', MODEL, '-o', '@x.linnet', '--calibrate', '@none.txt'], 1, /no such file/],
  [['quantize', MODEL, '-o', '@x.linnet', '--calibrate', '@nothing.txt'], 1, /no text to calibrate with/],
  [['teach'], 2, /unknown command "teach"/],
];

test.each(cases)('linnet %j exits with %i and one line', async (args, exitCode, message) => {
  const before = readdirSync(folder).sort();
  const { code, out, err } = await linnet(fill(args), '');
  const line = err.split('\n').at(-2) + '\n';
  expect(line).toMatch(ONE_LINE);
  expect(line).toMatch(message);
  expect({ code, out }).toEqual({ code: exitCode, out: '' });
  if (exitCode === 2) expect(err).toBe(line);
  expect(readdirSync(folder).sort()).toEqual(before);
});

describe('a checkpoint that is wrong', () => {
  /** A copy of the Text-CNN's folder with one file changed. */
  function broken(name: string, change: (bytes: Buffer) => Buffer | string): string {
    const copy = mkdtempSync(join(folder, 'checkpoint-'));
    cpSync(MODEL, copy, { recursive: true });
    writeFileSync(join(copy, name), change(readFileSync(join(copy, name))));
    return copy;
  }
  const header = (bytes: Buffer) => {
    const size = Number(bytes.readBigUInt64LE(0));
    return {
      tensors: JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<
        string,
        { shape: number[]; data_offsets: number[] }
      >,
      data: bytes.subarray(8 + size),
    };
  };
  const withHeader = (tensors: object, data: Buffer): Buffer => {
    const json = Buffer.from(JSON.stringify(tensors));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([size, json, data]);
  };

  test.each<[string, () => string, RegExp]>([
    [
      'a missing tensor',
      () =>
        broken('model.safetensors', (b) => {
          const { tensors, data } = header(b);
          const renamed = Object.fromEntries(
            Object.entries(tensors).map(([k, v]) => [k.replace('embedding.weight', 'embedding.wait'), v]),
          );
          return withHeader(renamed, data);
        }),
      /embedding\.weight/,
    ],
    [
      'a wrong shape',
      () =>
        broken('model.safetensors', (b) => {
          const { tensors, data } = header(b);
          tensors['embedding.weight']!.shape.reverse();
          return withHeader(tensors, data);
        }),
      /embedding\.weight/,
    ],
    [
      'NaN weights',
      () =>
        broken('model.safetensors', (b) => {
          const { tensors, data } = header(b);
          const copy = Buffer.from(data);
          copy.writeFloatLE(NaN, tensors['embedding.weight']!.data_offsets[0]! + 40);
          return withHeader(tensors, copy);
        }),
      /NaN|finite/i,
    ],
    ['a file cut short', () => broken('model.safetensors', (b) => b.subarray(0, b.length - 4)), /model\.safetensors/],
    [
      'a header that is no JSON',
      () =>
        broken('model.safetensors', (b) => Buffer.concat([b.subarray(0, 8), Buffer.from('nonsense'), b.subarray(16)])),
      /model\.safetensors/,
    ],
    ['a config that is no JSON', () => broken('config.json', () => '{'), /config\.json/],
    [
      'an unknown model type',
      () => broken('config.json', (b) => b.toString().replace('text_cnn', 'transformer')),
      /transformer/,
    ],
    [
      'a tokenizer of another size',
      () => broken('config.json', (b) => b.toString().replace('6149', '6150')),
      /6149|6150/,
    ],
    ['a tokenizer that is no JSON', () => broken('tokenizer.json', () => 'x'), /tokenizer\.json/],
  ])('%s is one line that names it', async (_, make, message) => {
    const checkpoint = make();
    const { code, out, err } = await linnet(['quantize', checkpoint, '-o', join(folder, 'never.linnet')]);
    expect(err).toMatch(ONE_LINE);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(readdirSync(folder)).not.toContain('never.linnet');
  });
});

test('a disk that fills up while the image is written is one line, and leaves no file', async () => {
  const target = join(folder, 'small');
  mkdirSync(target);
  // A file size limit stands for the full disk: it needs no privileges.
  const { code, err } = await start('bash', [
    '-c',
    'ulimit -f 100; exec "$0" "$@"',
    process.execPath,
    MAIN,
    'quantize',
    MODEL,
    '-o',
    join(target, 'x.linnet'),
  ]).ended;
  expect(code).toBe(1);
  expect(err.split('\n').at(-2)).toMatch(/^linnet: .*(disk is full|file is larger).*x\.linnet/);
  expect(readdirSync(target)).toEqual([]);
});
