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
import type { TextModel } from '../../src/model.js';
import { STATUS } from '../../src/schema/status.js';
import { builtBoards } from './built-boards.js';

jest.setTimeout(60_000);

const PROMPT = 'it was the';
/** As firmware/minimal has it. */
const OPTIONS = { maxTokens: 64, seed: 1, temperature: 0.8, topK: 40 };
const modelPath = (name: string): string => join(PACKAGE_ROOT, 'models', name, `${name}.linnet`);

async function text(model: TextModel): Promise<string> {
  let all = '';
  for await (const token of model.generate(PROMPT, OPTIONS)) all += token.text;
  return all;
}

async function nativeText(): Promise<string> {
  const native = await load(modelPath('tiny-lm'));
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
      expect(await onBoard('tiny-lm', text)).toBe(await nativeText());
    });

    test('refuses a model with a convolution, and names what is missing and how to mend it', () =>
      onBoard('trec-tiny', async (board) => {
        expect(board.facts.modelError).toMatchObject({
          code: 'missing_op',
          what: STATUS.missing_op.message,
          remedy: STATUS.missing_op.remedy,
        });
        await expect(board.classify('what is this')).rejects.toMatchObject({ code: 'missing_op' });
      }));
  });

  test('firmware/minimal continues the lines typed at it as native does', async () => {
    const expected = await nativeText();
    await running(built('minimal-firmware.bin'), 'tiny-lm', async (path) => {
      const port = await openSerialPort(path);
      let output = '';
      let done: () => void = () => undefined;
      port.onData((bytes) => {
        output += Buffer.from(bytes).toString();
        done();
      });
      for (let line = 1; line <= 2; line++) {
        output = '';
        port.write(Buffer.from(`${PROMPT}\r`));
        while (!output.endsWith('\r\n') || output.length < expected.length)
          await new Promise<void>((resolve) => (done = resolve));
        expect(output).toBe(`${expected.replaceAll('\n', '\r\n')}\r\n`);
      }
      await port.close();
    });
  });

  test('firmware/minimal says which status a model has that it cannot run', () =>
    running(built('minimal-firmware.bin'), 'trec-tiny', async (path) => {
      const port = await openSerialPort(path);
      const answer = new Promise<string>((resolve) => {
        let output = '';
        port.onData((bytes) => {
          output += Buffer.from(bytes).toString();
          if (output.endsWith('\r\n')) resolve(output);
        });
      });
      port.write(Buffer.from('x\r'));
      expect(await answer).toBe(`error ${STATUS.missing_op.code}\r\n`);
      await port.close();
    }));
});
