import { bootEmulated } from '../../boards/emulated-board.js';
import { firmwareBytes } from '../../boards/firmware-files.js';
import { findBoard, type BoardSpec } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { encodeFile, formatOf } from '../../flash/file.js';
import { expectFits } from '../../flash/fit.js';
import { flashBoard, type FlashTarget } from '../../flash/flash.js';
import type { OnFlashProgress } from '../../flash/progress.js';
import { segmentsFor } from '../../flash/segments.js';
import { openImage, type Image } from '../../image/read.js';
import type { BoardFacts } from '../../link/hello.js';
import { defineCommand, type Io } from '../command.js';
import { expectWritable, writeFileWhole } from '../files.js';
import { printable } from '../printable.js';
import { startProgress, type Progress } from '../progress.js';
import { thousands } from '../table.js';

interface Options {
  readonly port?: string;
  readonly drive?: string | true;
  readonly with?: string;
  readonly output?: string;
  readonly hello: boolean;
}

export default defineCommand({
  name: 'flash',
  summary: 'put firmware and a model onto a board',
  example: 'linnet flash netduinoplus2 models/gutenberg-lm/gutenberg-lm.linnet',
  configure(command) {
    command
      .argument('<board>', 'name of the board (see "linnet boards")')
      .argument('<image>', 'a .linnet image')
      .option('--port <path>', 'flash the real board at this serial port (default: the emulated board)')
      .option('--drive [folder]', "flash the real board whose boot loader's drive this is (default: find it)")
      .option('--with <program>', 'flash the real board with openocd, dfu-util, … as far as the board knows it')
      .option('-o, --output <file>', 'write a .uf2, .hex or .bin file instead')
      .option('--no-hello', 'do not wait until the real board answers');
  },
  async run(io, [name, path], given) {
    const { port, drive, with: tool, output, hello } = given as unknown as Options;
    const spec = findBoard(name as string);
    const image = openImage(await readImageFile(path as string), path as string);
    expectFits(spec, image);
    if (output !== undefined) return writeFile(io, spec, image, output);
    const target = { port, drive, tool };
    if (spec.emulator && Object.values(target).every((way) => way === undefined)) return flashEmulated(io, spec, image);
    return flashReal(io, spec, image, target, hello);
  },
});

/** Flashed is what boots and says so. */
async function flashEmulated(io: Io, spec: BoardSpec, image: Image): Promise<void> {
  const board = await bootEmulated(spec, image.bytes, { signal: io.signal });
  try {
    report(io, spec, board.facts, { way: 'emulator' }, 'emulated');
  } finally {
    await board.close();
  }
}

async function flashReal(io: Io, spec: BoardSpec, image: Image, target: FlashTarget, hello: boolean): Promise<void> {
  const steps = showSteps(io);
  let half = false;
  try {
    const { way, bytes, to, answer } = await flashBoard(spec, image, target, {
      onProgress: (...step) => {
        half = true;
        steps.update(...step);
      },
      onLine: (line) => {
        half = true;
        io.note(printable(line));
      },
      onWritten: () => {
        half = false;
        steps.stop();
      },
      signal: io.signal,
      hello,
    });
    if (answer) report(io, spec, answer.facts, { way, bytes, to, port: answer.port }, `at ${answer.port}`);
    else if (io.json) io.emit({ board: spec.name, way, bytes, to });
    else io.out.write(`${thousands(bytes)} bytes flashed to ${spec.name} (${to}); it was not asked who it is\n`);
  } catch (error) {
    steps.stop();
    if (half && io.signal.aborted)
      io.note(`${spec.name} is half flashed: bring it into its boot mode and run this again`);
    throw error;
  }
}

function report(io: Io, spec: BoardSpec, facts: BoardFacts, how: Record<string, unknown>, where: string): void {
  const { board, firmware, model, ramTotal } = facts;
  const { name, sha256, ramBytes, imageBytes } = model!;
  if (io.json) return io.emit({ board, firmware, model: name, sha256, ram: ramBytes, ...how });
  io.out.write(
    `${printable(board)} (${where}) holds ${printable(name)}: ${thousands(imageBytes)} bytes of ${spec.image.memory}, ` +
      `${thousands(ramBytes)} of ${thousands(ramTotal)} bytes of RAM\n`,
  );
}

async function writeFile(io: Io, spec: BoardSpec, image: Image, path: string): Promise<void> {
  const format = formatOf(path);
  expectWritable(path);
  const file = encodeFile(spec, segmentsFor(spec, await firmwareBytes(spec), image.bytes), format);
  writeFileWhole(path, file);
  if (io.json) io.emit({ board: spec.name, file: path, format, bytes: file.length });
  else io.out.write(`${path}: firmware and model for ${spec.name}, ${thousands(file.length)} bytes\n`);
}

const LABELS = { erase: 'erasing', write: 'writing', verify: 'verifying' } as const;

/** A progress of its own for each step. */
function showSteps(io: Io): { update: OnFlashProgress; stop(): void } {
  let current: string | undefined;
  let progress: Progress | undefined;
  return {
    update: (step, done, total) => {
      if (step !== current) {
        progress?.stop();
        progress = startProgress(io, LABELS[(current = step)]);
      }
      progress!.update(done, total);
    },
    stop: () => progress?.stop(),
  };
}
