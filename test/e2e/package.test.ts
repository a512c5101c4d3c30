/**
 * The npm package as its users get it: packed, installed into an empty folder, and run where there is nothing but Node:
 * no compiler, no QEMU, no addon. Its Pico must answer, token for token as this computer does.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../../src/engine/load.js';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';

const MODEL = 'tiny-lm';
const PROMPT = 'The old house';
const SAMPLING = { tokens: 24, temperature: 0.7, topK: 40, seed: 11 };

/** What the package is made of. */
const SOURCES = [
  'src',
  'native',
  'firmware',
  'models',
  'scripts',
  '.npmrc',
  'package.json',
  'package-lock.json',
].concat(['tsconfig.json', 'tsconfig.build.json', 'CMakeLists.txt', 'binding.gyp', 'README.md', 'LICENSE']);

const onPath = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const possible = onPath('arm-none-eabi-g++') && onPath('cmake');
if (!possible) console.warn('SKIPPED: without an Arm compiler the package cannot be made');

(possible ? describe : describe.skip)('the npm package', () => {
  let folder: string;
  let app: string;

  function run(
    command: string,
    args: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv = process.env,
    input = '',
  ) {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, input, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
    return { stdout, stderr };
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-package-'));
    app = join(folder, 'app');
    mkdirSync(app);
    // In a copy: packing builds, and other tests use what is built here.
    const source = join(folder, 'source');
    for (const part of SOURCES)
      cpSync(join(PACKAGE_ROOT, part), join(source, part), {
        recursive: true,
        filter: (from) => !from.includes('models/train'),
      });
    symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(source, 'node_modules'));
    run('npm', ['run', 'package', '--', '--pack-destination', folder], source);
    const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    writeFileSync(join(app, 'package.json'), '{ "private": true }');
    run(
      'npm',
      ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed)],
      app,
    );
    // Node, npm and what a shell needs, and nothing that compiles or emulates.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const node = realpathSync(process.execPath);
    symlinkSync(node, join(bin, 'node'));
    for (const tool of ['sh', 'env', 'uname', 'dirname', 'basename', 'sed'])
      symlinkSync(spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim(), join(bin, tool));
    for (const tool of ['npm', 'npx']) {
      const real = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
      symlinkSync(realpathSync(real), join(bin, tool));
    }
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const bare = (): NodeJS.ProcessEnv => ({
    PATH: join(folder, 'bin'),
    HOME: join(folder, 'home'),
    LINNET_HOME: join(folder, 'linnet'),
    npm_config_offline: 'true',
  });
  const image = (): string => join('node_modules', 'linnet', 'models', MODEL, `${MODEL}.linnet`);
  const options = Object.entries({
    '--tokens': SAMPLING.tokens,
    '--temperature': SAMPLING.temperature,
    '--top-k': SAMPLING.topK,
    '--seed': SAMPLING.seed,
  }).flatMap(([name, value]) => [name, String(value)]);

  test('brings the firmware of the Pico and no addon', () => {
    const linnet = join(app, 'node_modules', 'linnet');
    expect(existsSync(join(linnet, 'prebuilt', 'pico', 'firmware.bin'))).toBe(true);
    expect(existsSync(join(linnet, 'build-cmake'))).toBe(false);
  });

  test('npx linnet chat --board pico answers with the tokens of the native engine', async () => {
    const args = ['linnet', 'chat', image(), '--board', 'pico', '--json', ...options];
    const { stdout } = run('npx', args, app, bare(), `${PROMPT}\n`);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id?: number });
    const ids = lines.filter(({ type }) => type === 'token').map(({ id }) => id);

    const model = await load(join(PACKAGE_ROOT, 'models', MODEL, `${MODEL}.linnet`));
    const expected: number[] = [];
    const { tokens: maxTokens, ...rest } = SAMPLING;
    for await (const { id } of model.generate(PROMPT, { maxTokens, ...rest })) expected.push(id);
    await model.close();
    expect(expected).toHaveLength(SAMPLING.tokens);
    expect(ids).toEqual(expected);
  }, 120_000);

  test('without a board named, it takes the one that needs nothing installed', () => {
    const { stdout, stderr } = run('npx', ['linnet', 'chat', image(), ...options], app, bare(), `${PROMPT}\n`);
    expect(stderr).toMatch(/^pico /m);
    expect(stdout.length).toBeGreaterThan(10);
  }, 120_000);

  test('the engine in TypeScript takes over from the addon', () => {
    const { stdout } = run('npx', ['linnet', 'generate', image(), '--prompt', PROMPT, ...options], app, bare());
    expect(stdout.length).toBeGreaterThan(10);
  }, 120_000);
});
