import { bootEmulated } from '../../boards/emulated-board.js';
import { findBoard } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { openImage } from '../../image/read.js';
import { defineCommand } from '../command.js';
import { thousands } from '../table.js';

export default defineCommand({
  name: 'flash',
  summary: 'put firmware and a model onto a board',
  example: 'linnet flash netduinoplus2 models/gutenberg-lm/gutenberg-lm.linnet',
  configure(command) {
    command
      .argument('<board>', 'name of the board (see "linnet boards")')
      .argument('<image>', 'a .linnet image')
      .option('--port <path>', 'serial port of a real board');
  },
  async run(io, [name, path], { port }) {
    const spec = findBoard(name as string);
    if (port !== undefined || !spec.emulator)
      throw new LinnetError(
        'usage',
        `no way to flash a real ${spec.name} is known yet`,
        '--port',
        spec.emulator ? 'leave --port out to flash the emulated one' : 'flash it with the tool of its maker',
      );
    const image = openImage(await readImageFile(path as string), path as string);
    // Flashed is what boots and says so.
    const board = await bootEmulated(spec, image.bytes, { signal: io.signal });
    try {
      const { info, facts } = board;
      if (io.json)
        io.emit({
          board: facts.board,
          firmware: facts.firmware,
          model: info.name,
          sha256: info.sha256,
          ram: info.ramBytes,
        });
      else
        io.out.write(
          `${facts.board} (emulated) holds ${info.name}: ${thousands(info.imageBytes)} bytes of ${spec.image.memory}, ` +
            `${thousands(info.ramBytes)} of ${thousands(facts.ramTotal)} bytes of RAM\n`,
        );
    } finally {
      await board.close();
    }
  },
});
