import { openChorus } from '../chat/chorus.js';
import { chooseTarget } from '../chat/choose-target.js';
import { Connection } from '../chat/connection.js';
import { converse } from '../chat/converse.js';
import { ChatSession } from '../chat/session.js';
import { defineCommand } from '../command.js';
import { atMostOne } from '../options.js';
import { declareSamplingOptions, type SamplingOptions } from '../sampling.js';

/** Stands for every board. */
const ALL = 'all';

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
        'board to start or find, see "linnet boards" (default: the one attached, or an emulated one with room); ' +
          `${ALL}: all of them, side by side`,
      )
      .option('--port <path>', 'the board at this serial port');
    declareSamplingOptions(command);
  },
  async run(io, [image], options) {
    const { board, port, tokens, temperature, topK, seed } = options as unknown as Options;
    const settings = { tokens, temperature, topK, seed };
    const path = image as string | undefined;
    if (board === ALL) {
      atMostOne(options, ['board', 'port']);
      const chorus = await openChorus(io, path, settings);
      return converse(io, chorus).finally(() => chorus.close());
    }
    const connection = await Connection.open(await chooseTarget(io, { image: path, board, port }), io.signal);
    return converse(io, new ChatSession(io, connection, settings)).finally(() => connection.close());
  },
});
