/** load(): where the image comes from, which engine runs it, and what is refused. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LinnetError } from '../../src/errors.js';
import { load, type LoadOptions } from '../../src/engine/load.js';
import { requireAddon } from '../../src/engine/native-addon.js';
import { STATUS, type StatusName } from '../../src/schema/status.js';
import { damage } from '../conformance/damage.js';
import { CONFORMANCE, imageBytes, imagePath, type IMAGES } from './images.js';

const folder = mkdtempSync(join(tmpdir(), 'linnet-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

async function refusal(image: string | Uint8Array, options?: LoadOptions): Promise<LinnetError> {
  const error: unknown = await load(image, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LinnetError);
  expect((error as LinnetError).message).not.toContain('\n');
  return error as LinnetError;
}

test('a path and its bytes give the same model, natively by default', async () => {
  const fromPath = await load(imagePath('lm-tied'));
  const fromBytes = await load(imageBytes('lm-tied'));
  expect(fromPath.engine).toBe('native');
  expect(fromBytes.info).toEqual(fromPath.info);
  await Promise.all([fromPath.close(), fromBytes.close()]);
});

test('bytes at any alignment will do', async () => {
  const bytes = imageBytes('cnn');
  for (let shift = 0; shift < 16; shift++) {
    const shifted = new Uint8Array(bytes.length + 16).subarray(shift, shift + bytes.length);
    shifted.set(bytes);
    for (const engine of ['native', 'reference'] as const) await (await load(shifted, { engine })).close();
  }
});

test('the native engine keeps a copy: changing the bytes afterwards changes nothing', async () => {
  const bytes = imageBytes('lm-tied');
  const model = await load(bytes, { engine: 'native' });
  const digest = await model.selfTest();
  bytes.fill(0xff);
  expect(await model.selfTest()).toBe(digest);
  await model.close();
});

test('both engines can be asked for by name', async () => {
  for (const engine of ['native', 'reference'] as const) {
    const model = await load(imagePath('cnn'), { engine });
    expect(model.engine).toBe(engine);
    await model.close();
  }
});

test('a kernel variant can be asked for, and one that is not there is refused by name', async () => {
  await (await load(imagePath('cnn'), { kernels: 'reference' })).close();
  expect(requireAddon().kernels()).toBe('reference');
  await (await load(imagePath('cnn'), { kernels: 'auto' })).close();
  expect(await refusal(imagePath('cnn'), { kernels: 'mmx' })).toMatchObject({ code: 'usage', where: 'kernels' });
  expect(await refusal(imagePath('cnn'), { kernels: 'auto', engine: 'reference' })).toMatchObject({ code: 'usage' });
});

test('options and images of the wrong kind are refused', async () => {
  expect(await refusal(imagePath('cnn'), { engine: 'gpu' } as unknown as LoadOptions)).toMatchObject({
    where: 'engine',
  });
  expect(await refusal(5 as unknown as string)).toMatchObject({ code: 'usage' });
});

test.each(['native', 'reference'] as const)('%s: files that cannot be read', async (engine) => {
  expect(await refusal(join(folder, 'nowhere'), { engine })).toMatchObject({ code: 'file_not_found' });
  expect(await refusal(folder, { engine })).toMatchObject({ code: 'file_unreadable' });
  expect(await refusal('/dev/zero', { engine })).toMatchObject({ code: 'file_unreadable' });
  expect(await refusal(join(file('plain', 'x'), 'below'), { engine })).toMatchObject({ code: 'file_not_found' });
});

test('a bad image file is named, with the place of the fault', async () => {
  const bytes = imageBytes('cnn');
  bytes[bytes.length - 1]! ^= 1;
  const path = file('flipped.linnet', bytes);
  expect(await refusal(path)).toMatchObject({ code: 'crc_mismatch', where: `${path}, byte 12` });
});

test.each(['native', 'reference'] as const)('%s: cut, flipped and random images are refused', async (engine) => {
  const bytes = imageBytes('lm-untied');
  for (let size = 0; size < bytes.length; size += size < 100 ? 1 : 977)
    await refusal(bytes.subarray(0, size), { engine });
  for (let at = 0; at < bytes.length; at += 149) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    await refusal(flipped, { engine });
  }
  await refusal(Buffer.alloc(4096, 'garbage'), { engine });
});

test('the native engine refuses every faulty image of the conformance vectors with the same status and place', async () => {
  const addon = requireAddon();
  const vectors = JSON.parse(readFileSync(join(CONFORMANCE, 'vectors.json'), 'utf8')) as {
    type: string;
    image: (typeof IMAGES)[number];
    input: [size: number, fixCrc: number, edits: string];
    output: [status: number, where: number];
  }[];
  const refusals = vectors.filter(({ type }) => type === 'refuse');
  expect(refusals.length).toBeGreaterThan(500);
  for (const { image, input, output } of refusals) {
    const edits = input[2] === '' ? [] : input[2].split(';').map((edit) => {
      const [offset, hex] = edit.split(':') as [string, string];
      return { offset: Number(offset), bytes: Buffer.from(hex, 'hex') };
    }); // prettier-ignore
    let verdict = [0, 0];
    try {
      new addon.Model(damage(imageBytes(image), input[0], edits, input[1] === 1)).close();
    } catch (error) {
      const { status, byteOffset } = error as { status: number; byteOffset: number };
      verdict = [status, byteOffset];
    }
    expect({ image, input, verdict }).toEqual({ image, input, verdict: output });
  }
});

test('every status an image can be refused with has its message', () => {
  for (const name of Object.keys(STATUS) as StatusName[])
    if (name !== 'ok') expect(LinnetError.fromStatus(STATUS[name].code, 'x').code).toBe(name);
});

describe('LINNET_KERNELS', () => {
  const script = `const { load } = require('./src/engine/load.ts');
    load(${JSON.stringify(imagePath('cnn'))}).then((m) => console.log(m.kernels), (e) => console.log(e.message));`;
  const run = async (kernels: string): Promise<string> => {
    const options = { cwd: join(__dirname, '..', '..'), env: { ...process.env, LINNET_KERNELS: kernels } };
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script], options);
    return stdout.trim();
  };

  test('chooses the variant', async () => expect(await run('reference')).toBe('reference'));
  test('with a name that is none is an error that names it', async () =>
    expect(await run('mmx')).toMatch(
      /^no kernels called "mmx" on this machine \(LINNET_KERNELS\): choose one of auto, /,
    ));
});
