import { expectEmulatorInstalled } from '../../boards/emulator.js';
import { findBoard } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { openImage } from '../../image/read.js';
import { needOn } from '../../report/summary.js';
import { converse } from '../chat/converse.js';
import { defineCommand, type Io } from '../command.js';
import { declareSamplingOptions, type SamplingOptions } from '../sampling.js';
import { openTarget } from '../target.js';

/** The first that has room for the model is started, so the smallest comes first. */
const DEFAULT_BOARDS = ['netduinoplus2', 'mps2-an386'] as const;
/** Needs nothing but the firmware build. */
const FALLBACK_BOARD = 'host';

interface Options extends SamplingOptions {
  readonly board?: string;
  readonly port?: string;
}

export default defineCommand({
  name: 'chat',
  summary: 'talk to the model on a board, over its serial port',
  example: 'linnet chat models/gutenberg-lm/gutenberg-lm.linnet --board netduinoplus2',
  configure(command) {
    command
      .argument('[image]', 'a .linnet image to flash first (default: what the board holds)')
      .option(
        '--board <name>',
        `board to start or find (default: ${DEFAULT_BOARDS.join(' or ')}, the first with room; see "linnet boards")`,
      )
      .option('--port <path>', 'the board at this serial port');
    declareSamplingOptions(command);
  },
  async run(io, [image], given) {
    const { board, port, tokens, temperature, topK, seed } = given as unknown as Options;
    const name = board ?? (port === undefined ? await defaultBoard(io, image as string | undefined) : undefined);
    const connected = await openTarget(io, { image: image as string | undefined, board: name, port });
    try {
      await converse(io, connected, { tokens, temperature, topK, seed });
    } finally {
      await connected.close();
    }
  },
});

async function defaultBoard(io: Io, path: string | undefined): Promise<string> {
  const board = path === undefined ? DEFAULT_BOARDS[0] : await boardWithRoom(path);
  try {
    await expectEmulatorInstalled(findBoard(board));
    return board;
  } catch (error) {
    if (!(error instanceof LinnetError && error.code === 'tool_missing')) throw error;
    io.note(`${error.what}, so the "${FALLBACK_BOARD}" board runs instead of ${board}; to have that, ${error.remedy}`);
    return FALLBACK_BOARD;
  }
}

async function boardWithRoom(path: string): Promise<string> {
  const image = openImage(await readImageFile(path), path);
  return DEFAULT_BOARDS.find((name) => needOn(findBoard(name), image).fits) ?? FALLBACK_BOARD;
}
