/** The board a command runs on: --board starts or finds one, --port takes the one at a serial port. */
import { attachedBoards } from '../boards/attached.js';
import { bootEmulated } from '../boards/emulated-board.js';
import { isModel } from '../boards/board-image.js';
import { findBoard } from '../boards/registry.js';
import { readImageFile } from '../engine/read-image.js';
import { LinnetError } from '../errors.js';
import { openImage, type Image } from '../image/read.js';
import { connect, type Board, type ConnectOptions } from '../link/board.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Io } from './command.js';

export interface Target {
  /** Path of the image it must run; flashed first where that is possible. */
  readonly image?: string | undefined;
  readonly board?: string | undefined;
  readonly port?: string | undefined;
}

/** The model on the board. Closing it also ends an emulator started here. */
export async function openTarget(io: Pick<Io, 'signal'>, { image: path, board, port }: Target): Promise<Board> {
  const spec = board === undefined ? undefined : findBoard(board);
  const image = path === undefined ? undefined : openImage(await readImageFile(path), path);
  const options: ConnectOptions = { signal: io.signal, ...(image && { tokenize: tokenizerOf(image) }) };
  if (port === undefined && spec?.emulator) return bootEmulated(spec, image?.bytes, options);

  const found = port ?? (await findAttached(board!));
  const connected = await connect(found, options);
  try {
    expectModel(connected, image, path);
    if (board !== undefined && connected.facts.board !== board)
      throw new LinnetError(
        'unknown_board',
        `the board is a ${connected.facts.board}, not a ${board}`,
        found,
        'give another --port',
      );
    return connected;
  } catch (error) {
    await connected.close();
    throw error;
  }
}

async function findAttached(board: string): Promise<string> {
  const attached = (await attachedBoards()).find(({ facts }) => facts.board === board);
  if (attached) return attached.port;
  throw new LinnetError('no_such_port', `no ${board} is attached`, board, 'plug it in, or give its --port');
}

function expectModel(board: Board, image: Image | undefined, path: string | undefined): void {
  if (!image || isModel(board.info.sha256, image.bytes)) return;
  throw new LinnetError(
    'no_model',
    `the board holds another model (${board.info.name}) than ${path}`,
    board.port,
    `flash it with "linnet flash ${board.facts.board} ${path}"`,
  );
}

function tokenizerOf(image: Image): (text: string) => number[] {
  let tokenizer: Tokenizer | undefined;
  return (text) => (tokenizer ??= new Tokenizer(image.tokenizer)).encode(text);
}
