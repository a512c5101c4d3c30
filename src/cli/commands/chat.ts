import { expectEmulatorInstalled } from '../../boards/emulator.js';
import { findBoard } from '../../boards/registry.js';
import { LinnetError } from '../../errors.js';
import { converse } from '../chat/converse.js';
import { defineCommand, type Io } from '../command.js';
import { declareSamplingOptions, type SamplingOptions } from '../sampling.js';
import { openTarget } from '../target.js';

const DEFAULT_BOARD = 'netduinoplus2';
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
      .option('--board <name>', `board to start or find (default: ${DEFAULT_BOARD}; see "linnet boards")`)
      .option('--port <path>', 'the board at this serial port');
    declareSamplingOptions(command);
  },
  async run(io, [image], given) {
    const { board, port, tokens, temperature, topK, seed } = given as unknown as Options;
    const name = board ?? (port === undefined ? await defaultBoard(io) : undefined);
    const connected = await openTarget(io, { image: image as string | undefined, board: name, port });
    try {
      await converse(io, connected, { tokens, temperature, topK, seed });
    } finally {
      await connected.close();
    }
  },
});

async function defaultBoard(io: Io): Promise<string> {
  try {
    await expectEmulatorInstalled(findBoard(DEFAULT_BOARD));
    return DEFAULT_BOARD;
  } catch (error) {
    if (!(error instanceof LinnetError && error.code === 'tool_missing')) throw error;
    io.note(
      `${error.what}, so the "${FALLBACK_BOARD}" board runs instead of ${DEFAULT_BOARD}; to have that, ${error.remedy}`,
    );
    return FALLBACK_BOARD;
  }
}
