/** Whom to talk to if the command line does not say it all. */
import { access } from 'node:fs/promises';
import { attachedBoards } from '../../boards/attached.js';
import { emulatedFlashPath } from '../../boards/emulated-flash.js';
import { findBoard, type BoardSpec } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { openImage } from '../../image/read.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import type { Target } from '../target.js';
import { chooseBoard, emulatedBoards } from './choose-board.js';
import { defaultModel } from './default-model.js';

/**
 * The board that is named, or attached, or an emulated one: with an image the first with room for it, else the first
 * that was flashed, else the first there is. An emulated board that holds nothing gets a model that comes with Linnet.
 */
export async function chooseTarget(io: Io, { image, board, port }: Target): Promise<Target> {
  if (port !== undefined) return { image, board, port };
  if (board !== undefined) return withModel(io, { image, board });
  if (image !== undefined) {
    const room = emulatedBoards(openImage(await readImageFile(image), image));
    return { image, board: await firstThatRuns(io, room) };
  }
  const attached = await attachedBoards();
  if (attached.length === 1) return { port: attached[0]!.port };
  const list = attached.map((found) => `${found.facts.board} at ${found.port}`).join(', ');
  if (list !== '') io.note(printable(`attached are ${list}: give --port to talk to one of them`));
  const all = emulatedBoards();
  const flashed = (await Promise.all(all.map(async (spec) => ((await isFlashed(spec)) ? [spec] : [])))).flat();
  return withModel(io, { board: await firstThatRuns(io, flashed.length > 0 ? flashed : all) });
}

async function firstThatRuns(io: Io, boards: readonly BoardSpec[]): Promise<string> {
  const { board, instead } = await chooseBoard(boards);
  if (instead) {
    const { what, remedy } = instead.missing;
    io.note(`${what}, so the "${board.name}" board runs instead of ${instead.of.name}; to have that, ${remedy}`);
  }
  return board.name;
}

async function withModel(io: Io, target: Target): Promise<Target> {
  const spec = findBoard(target.board!);
  if (target.image !== undefined || !spec.emulator || (await isFlashed(spec))) return target;
  const image = await defaultModel(spec);
  io.note(`nothing has been flashed to ${spec.name} yet: it gets ${image}`);
  return { ...target, image };
}

async function isFlashed(board: BoardSpec): Promise<boolean> {
  return access(emulatedFlashPath(board)).then(
    () => true,
    () => false,
  );
}
