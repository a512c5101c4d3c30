/** docs/adding-a-board.md, followed to the letter in a copy of the package: its files written, its commands run. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';

const NAME = 'stm32-h405';
const PAGE = readFileSync(join(PACKAGE_ROOT, 'docs', 'adding-a-board.md'), 'utf8');

/** ```<language> <attributes> … ``` */
const BLOCKS = [...PAGE.matchAll(/^```\w+ (.+)\n([\s\S]*?)^```$/gm)].map(([, attributes = '', body = '']) => ({
  file: /^file=(\S+)$/.exec(attributes)?.[1],
  run: attributes === 'run',
  body,
}));

const onPath = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const possible =
  existsSync(join(PACKAGE_ROOT, 'dist/cli/main.js')) && onPath('arm-none-eabi-g++') && onPath('qemu-system-arm');
if (!possible) console.warn('SKIPPED: no dist, no Arm compiler or no QEMU, so no board can be added');

describe('docs/adding-a-board.md', () => {
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'linnet-board-'));
    for (const part of ['firmware', 'native', 'dist', 'models/tiny-lm', 'package.json'])
      cpSync(join(PACKAGE_ROOT, part), join(copy, part), { recursive: true });
    for (const part of ['node_modules', 'build-cmake'])
      if (existsSync(join(PACKAGE_ROOT, part))) symlinkSync(join(PACKAGE_ROOT, part), join(copy, part));
    mkdirSync(join(copy, 'bin'));
    writeFileSync(join(copy, 'bin', 'linnet'), `#!/bin/sh\nexec "${process.execPath}" dist/cli/main.js "$@"\n`, {
      mode: 0o755,
    });
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  function shell(command: string): string {
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], {
      cwd: copy,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: join(copy, 'bin') + delimiter + process.env['PATH'],
        LINNET_HOME: join(copy, 'home'),
      },
    });
    if (status !== 0) throw new Error(`"${command}" ended with ${status}: ${stderr || stdout}`);
    return stdout;
  }

  (possible ? test : test.skip)(
    'adds a board that is listed, builds, boots and says what the engine here says',
    () => {
      const files = BLOCKS.filter(({ file }) => file !== undefined);
      expect(files.map(({ file }) => file).sort()).toEqual(
        ['board.h', 'board.json', 'memory.ld'].map((file) => `firmware/boards/${NAME}/${file}`),
      );
      for (const { file, body } of files) {
        mkdirSync(dirname(join(copy, file!)), { recursive: true });
        writeFileSync(join(copy, file!), body);
      }
      const commands = BLOCKS.filter(({ run }) => run).flatMap(({ body }) => body.trim().split('\n'));
      expect(commands.length).toBeGreaterThanOrEqual(3);
      const outputs = new Map(commands.map((command) => [command, shell(command)]));

      expect(shell('linnet boards')).toContain(NAME);
      const generate = commands.find((command) => command.startsWith('linnet generate'))!;
      expect(outputs.get(generate)).toBe(shell(generate.replace(`--board ${NAME} `, '')));
      expect(outputs.get(generate)!.length).toBeGreaterThan(10);
    },
    180_000,
  );
});
