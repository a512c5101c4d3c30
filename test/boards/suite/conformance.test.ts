/** Every emulated board computes the digests of test/conformance, which the TypeScript engine made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootEmulated } from '../../../src/boards/emulated-board.js';
import { PACKAGE_ROOT, type BoardSpec } from '../../../src/boards/registry.js';
import { openImage, type Image } from '../../../src/image/read.js';
import { needOn } from '../../../src/report/summary.js';
import { OpType } from '../../../src/schema/image.js';
import { builtBoards } from '../built-boards.js';
import { useOwnHome } from './own-home.js';

interface Vector {
  readonly type: string;
  readonly image: string;
  readonly output: readonly unknown[];
}

const FOLDER = join(PACKAGE_ROOT, 'test', 'conformance');
const vectors = JSON.parse(readFileSync(join(FOLDER, 'vectors.json'), 'utf8')) as Vector[];
const digests = new Map(
  vectors.filter(({ type }) => type === 'self_test').map(({ image, output }) => [image, output[0] as string]),
);
const images = new Map(
  [...digests.keys()].map((name) => [name, openImage(readFileSync(join(FOLDER, `${name}.linnet`)), name)]),
);

const opsOf = (image: Image): string[] => image.ops.map(({ op }) => op);

/** Those with room on the board; where a boot and a self-test take seconds, few that have every op between them. */
function imagesFor(board: BoardSpec): string[] {
  const fitting = [...images].filter(([, image]) => needOn(board, image).fits);
  if (board.emulator!.kind !== 'rp2040js') return fitting.map(([name]) => name);
  const covered = new Set<string>();
  const byOps = fitting.sort(([, a], [, b]) => new Set(opsOf(b)).size - new Set(opsOf(a)).size);
  const few = byOps.filter(([, image]) => {
    const before = covered.size;
    for (const op of opsOf(image)) covered.add(op);
    return covered.size > before;
  });
  return [...few.map(([name]) => name), 'lm-extreme'];
}

useOwnHome();

describe.each(builtBoards().map((board) => [board.name, board] as const))('%s', (_name, board) => {
  const chosen = imagesFor(board);

  test('has room for images that have every operation between them', () => {
    const ops = new Set(chosen.flatMap((name) => opsOf(images.get(name)!)));
    expect([...ops].sort()).toEqual(Object.keys(OpType.values).sort());
  });

  test.each(chosen)('%s', async (name) => {
    const running = await bootEmulated(board, images.get(name)!.bytes);
    try {
      expect(await running.selfTest()).toBe(digests.get(name));
    } finally {
      await running.close();
    }
  });
});
