/** Firmware with an LSTM language model's ops only, built here; and the program that is hardly more than its engine. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boardImage } from '../../src/boards/board-image.js';
import { flashFileBytes } from '../../src/boards/emulated-flash.js';
import { startEmulator } from '../../src/boards/emulator.js';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';
import { load } from '../../src/index.js';
import { connect, type Board } from '../../src/link/board.js';
import { openSerialPort } from '../../src/link/serial-port.js';
import type { Transport } from '../../src/link/transport.js';
import type { TextModel } from '../../src/model.js';
import { STATUS } from '../../src/schema/status.js';
import { builtBoards } from './built-boards.js';

jest.setTimeout(30_000);

/** Two layers of LSTM. */
const MODEL = 'gutenberg-lm';
const PROMPT = 'It was the';
/** As firmware/minimal has it. */
const OPTIONS = { maxTokens: 64, seed: 1, temperature: 0.8, topK: 40 };
/** After an answer of firmware/minimal. */
const END = '\r\n> ';
const AGAIN_MS = 1000;
const GIVE_UP_MS = 20_000;
const modelPath = (name: string): string => join(PACKAGE_ROOT, 'models', name, `${name}.linnet`);

async function text(model: TextModel): Promise<string> {
  let all = '';
  for await (const token of model.generate(PROMPT, OPTIONS)) all += token.text;
  return all;
}

async function nativeText(): Promise<string> {
  const native = await load(modelPath(MODEL));
  try {
    return await text(native);
  } finally {
    await native.close();
  }
}

const program = (...command: [string, ...string[]]): void => {
  const [name, ...args] = command;
  const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr || stdout}`);
};

describe.each(builtBoards('netduinoplus2').map((spec) => [spec.name, spec] as const))('%s', (name, spec) => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-ops-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs this firmware with a shipped model. */
  async function running<T>(firmware: Buffer, model: string, work: (port: string) => Promise<T>): Promise<T> {
    const flash = join(folder, 'flash.bin');
    writeFileSync(flash, flashFileBytes(spec, firmware, boardImage(spec, readFileSync(modelPath(model)))));
    const emulator = await startEmulator(spec, flash);
    try {
      return await work(emulator.port);
    } finally {
      await emulator.stop();
    }
  }

  const built = (file: string): Buffer => readFileSync(join(PACKAGE_ROOT, 'build-firmware', name, file));

  describe('firmware with the ops of an LSTM language model', () => {
    let firmware: Buffer;
    beforeAll(() => {
      const source = join(PACKAGE_ROOT, 'firmware');
      program('cmake', '-S', source, '-B', folder, `-DLINNET_BOARD=${name}`, '-DLINNET_OPS=embedding;lstm;linear');
      program('cmake', '--build', folder, '--target', 'firmware');
      firmware = readFileSync(join(folder, 'firmware.bin'));
    });

    async function onBoard<T>(model: string, work: (board: Board) => Promise<T>): Promise<T> {
      return running(firmware, model, async (port) => {
        const board = await connect(port);
        try {
          return await work(board);
        } finally {
          await board.close();
        }
      });
    }

    test('is a fifth smaller at least, and says what native says', async () => {
      expect(firmware.length).toBeLessThan(0.8 * built('firmware.bin').length);
      expect(await onBoard(MODEL, text)).toBe(await nativeText());
    });

    test('refuses a model with a convolution, and says what is missing and how to mend it', () =>
      expect(onBoard('trec-tiny', text)).rejects.toMatchObject({
        code: 'no_model',
        what: `board refuses the model it holds: ${STATUS.missing_op.message}`,
        remedy: STATUS.missing_op.remedy,
      }));
  });

  /** Types a line until what is to come has come: a board that is starting may miss what is typed. */
  async function typeUntil(port: Transport, line: string, expected: string): Promise<void> {
    let output = '';
    let settle: () => void;
    const seen = new Promise<void>((resolve) => (settle = resolve));
    port.onData((bytes) => {
      output += Buffer.from(bytes).toString();
      if (output.includes(expected)) settle();
    });
    const type = (): void => port.write(Buffer.from(`${line}\r`));
    const again = setInterval(type, AGAIN_MS);
    const giveUp = setTimeout(() => settle(), GIVE_UP_MS);
    type();
    await seen;
    clearInterval(again);
    clearTimeout(giveUp);
    expect(output).toContain(expected);
  }

  async function onMinimal<T>(model: string, work: (port: Transport) => Promise<T>): Promise<T> {
    return running(built('minimal-firmware.bin'), model, async (path) => {
      const port = await openSerialPort(path);
      try {
        return await work(port);
      } finally {
        await port.close();
      }
    });
  }

  test('firmware/minimal continues the lines typed at it as native does', () =>
    onMinimal(MODEL, async (port) => {
      const expected = `${(await nativeText()).replaceAll('\n', '\r\n')}${END}`;
      await typeUntil(port, PROMPT, expected);
      await typeUntil(port, PROMPT, expected); // from the start, whatever was before
    }));

  test('firmware/minimal says which status a model has that it cannot run', () =>
    onMinimal('trec-tiny', (port) => typeUntil(port, 'x', `error ${STATUS.missing_op.code}${END}`)));
});
