/** `/board`: which boards there are to go over to. */
import { attachedBoards } from '../../boards/attached.js';
import { findBoard, knownBoards } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { openImage } from '../../image/read.js';
import type { Board } from '../../link/board.js';
import { needOn } from '../../report/summary.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import { renderTable } from '../table.js';
import { emulatedBoards, whatIsMissing } from './choose-board.js';

/** @param path image the boards would get, if known */
export async function listBoards(io: Io, current: Board, path: string | undefined): Promise<void> {
  const image = path === undefined ? undefined : openImage(await readImageFile(path), path);
  const emulated = emulatedBoards().map(async (board): Promise<[string, string, string]> => {
    const missing = await whatIsMissing(board);
    const room = !image || needOn(board, image).fits;
    const state = missing ? missing.what : room ? 'can be started' : `no room for ${current.info.name}`;
    return [board.name, board.cpu, state];
  });
  const attached = (await attachedBoards()).map(({ port, facts }): [string, string, string] => {
    const known = knownBoards().some(({ name }) => name === facts.board);
    return [port, known ? findBoard(facts.board).cpu : '', `${facts.board}, holds ${facts.model?.name ?? 'no model'}`];
  });
  const rows = [...attached, ...(await Promise.all(emulated))];
  if (io.json) return io.emit({ type: 'boards', boards: rows.map(([name, cpu, state]) => ({ name, cpu, state })) });
  io.note(`now: ${current.facts.board} on ${current.port}`);
  io.note(printable(renderTable(['board', 'cpu', ''], rows)));
}
