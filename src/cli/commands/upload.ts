import { attachedBoards, type AttachedBoard } from '../../boards/attached.js';
import { findBoard, knownBoards, type BoardSpec } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { LinnetError } from '../../errors.js';
import { expectFits } from '../../flash/fit.js';
import { openImage, type Image } from '../../image/read.js';
import { connectUploading, type Board } from '../../link/board.js';
import { openSerialPort } from '../../link/serial-port.js';
import type { UploadOptions, UploadReport } from '../../link/upload.js';
import { STATUS } from '../../schema/status.js';
import { defineCommand, type Io } from '../command.js';
import { atMostOne } from '../options.js';
import { printable } from '../printable.js';
import { startProgress } from '../progress.js';
import { thousands } from '../table.js';
import { openTarget } from '../target.js';

interface Options {
  readonly board?: string;
  readonly port?: string;
}

interface Uploaded {
  readonly board: Board;
  readonly report: UploadReport;
}

export default defineCommand({
  name: 'upload',
  summary: 'put a model onto a running board, without flashing it',
  example: 'linnet upload models/gutenberg-lm/gutenberg-lm.linnet --port /dev/ttyACM0',
  configure(command) {
    command
      .argument('<image>', 'a .linnet image')
      .option('--board <name>', 'the emulated board, or the attached one, of this name (see "linnet boards")')
      .option('--port <path>', 'the board at this serial port (default: the one that is attached)');
  },
  async run(io, [path], given) {
    const { board: name, port } = given as unknown as Options;
    atMostOne({ board: name, port }, ['board', 'port']);
    const image = openImage(await readImageFile(path as string), path as string);
    const spec = name === undefined ? undefined : findBoard(name);
    if (spec) {
      expectUploads(spec);
      expectFits(spec, image);
    }
    const started = performance.now();
    const { board, report } = await withProgress(io, (options) =>
      spec?.emulator ? toEmulated(io, spec, image, options) : toAttached(spec, port, image, options),
    );
    await board.close();
    const seconds = (performance.now() - started) / 1000;
    const { facts, info } = board;
    if (io.json)
      return io.emit({
        board: facts.board,
        port: board.port,
        firmware: facts.firmware,
        model: info.name,
        ...report,
        ram: info.ramBytes,
        seconds: Number(seconds.toFixed(3)),
      });
    const how = report.keeps === 'for_good' ? 'holds' : 'runs, until it is reset,';
    io.out.write(
      `${printable(facts.board)} (${board.port}) ${how} ${printable(info.name)}: ` +
        `${thousands(report.bytes - report.resumedAt)} of ${thousands(report.bytes)} bytes sent in ${seconds.toFixed(1)} s\n`,
    );
  },
});

function expectUploads(spec: BoardSpec): void {
  if (!spec.image.upload)
    throw new LinnetError(
      'no_uploads',
      STATUS.no_uploads.message,
      spec.name,
      `use "linnet flash ${spec.name} <image>"`,
    );
  if (spec.emulator && spec.image.upload.keeps === 'until_reset')
    throw new LinnetError(
      'no_uploads',
      `the emulated ${spec.name} would forget the model at once, when its emulator ends`,
      spec.name,
      `use "linnet flash ${spec.name} <image>", "/model <image>" in "linnet chat", or the --port of one that runs`,
    );
}

async function toEmulated(io: Io, spec: BoardSpec, image: Image, options: UploadOptions): Promise<Uploaded> {
  const board = await openTarget(io, { board: spec.name });
  try {
    return { board, report: await board.upload(image.bytes, options) };
  } catch (error) {
    await board.close();
    throw error;
  }
}

async function toAttached(
  spec: BoardSpec | undefined,
  given: string | undefined,
  image: Image,
  options: UploadOptions,
): Promise<Uploaded> {
  const port = given ?? onlyOne(await attachedBoards(), spec?.name).port;
  try {
    return await connectUploading(await openSerialPort(port), image.bytes, options);
  } catch (error) {
    if (error instanceof LinnetError && error.code === 'upload_too_large') throw tooLarge(error, image);
    throw error;
  }
}

function onlyOne(attached: readonly AttachedBoard[], name: string | undefined): AttachedBoard {
  const fitting = attached.filter(({ facts }) => name === undefined || facts.board === name);
  const [found, other] = fitting;
  if (!found)
    throw new LinnetError(
      'no_such_port',
      `no ${name ?? 'board'} is attached`,
      name ?? 'ports',
      'plug it in, or give its --port',
    );
  if (!other) return found;
  const ports = fitting.map(({ port, facts }) => `${port} (${printable(facts.board)})`);
  throw new LinnetError('usage', 'more than one board is attached', ports.join(', '), 'give the --port of one');
}

/** Which boards have the room. */
function tooLarge({ what, where }: LinnetError, { bytes }: Image): LinnetError {
  const larger = knownBoards().filter(({ image }) => image.upload && image.bytes >= bytes.length);
  const names = larger.map(({ name }) => name).join(', ');
  const remedy = `use a smaller model${names ? `, or a board with room for it: ${names}` : ''}`;
  return new LinnetError('upload_too_large', `${what}: it has ${thousands(bytes.length)} bytes`, where, remedy);
}

async function withProgress(io: Io, work: (options: UploadOptions) => Promise<Uploaded>): Promise<Uploaded> {
  const progress = startProgress(io, 'uploading');
  let stored: readonly [done: number, total: number] | undefined;
  try {
    return await work({
      signal: io.signal,
      onProgress: (done, total) => progress.update(...(stored = [done, total])),
    });
  } catch (error) {
    progress.stop();
    if (stored && stored[0] < stored[1])
      io.note(
        `the board has ${thousands(stored[0])} of ${thousands(stored[1])} bytes and keeps its old model; run this again to go on`,
      );
    throw error;
  } finally {
    progress.stop();
  }
}
