/** The boards with little RAM, and those of RISC-V: start-up, stack, and a line that brings more than there is room for. */
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flashEmulated, type FlashFile } from '../../src/boards/emulated-flash.js';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';
import { startPainted } from '../../src/bench/painted-ram.js';
import { load } from '../../src/index.js';
import { connect, type Board } from '../../src/link/board.js';
import { encodeFrame, FrameDecoder } from '../../src/link/frame.js';
import { openSerialPort } from '../../src/link/serial-port.js';
import type { Transport } from '../../src/link/transport.js';
import { FRAME_FLAG, MessageHeader, MessageType, ReplyType } from '../../src/schema/link.js';
import type { TextModel } from '../../src/model.js';
import { builtBoards } from './built-boards.js';
import { tinyModel } from './tiny-model.js';

jest.setTimeout(60_000);

const CLASSIFIER = join(PACKAGE_ROOT, 'models', 'trec-tiny', 'trec-tiny.linnet');
const REQUEST = { maxTokens: 40, seed: 7, temperature: 0.8, topK: 128 };

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function text(model: TextModel, prompt: string): Promise<string> {
  let all = '';
  for await (const token of model.generate(prompt, REQUEST)) all += token.text;
  return all;
}

const message = (type: number, request: number, payload = new Uint8Array()): Uint8Array =>
  Buffer.concat([MessageHeader.encode({ type, reserved: 0, request }), payload]);

/** The raw line: what comes is kept until somebody waits for it. */
class Line {
  console = '';
  private readonly decoder = new FrameDecoder();
  private readonly messages: Uint8Array[] = [];
  private wake: () => void = () => undefined;

  constructor(private readonly port: Transport) {
    port.onData((bytes) => {
      for (const event of this.decoder.push(bytes))
        if (event.type === 'message') this.messages.push(event.message);
        else this.console += Buffer.from(event.bytes).toString();
      this.wake();
    });
  }

  send(bytes: Uint8Array): void {
    this.port.write(bytes);
  }

  async message(): Promise<Uint8Array> {
    await this.until(() => this.messages.length > 0);
    return this.messages.shift()!;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

describe.each(builtBoards('hifive1', 'microbit', 'riscv-virt').map((spec) => [spec.name, spec] as const))(
  '%s',
  (_name, spec) => {
    const image = join(tmpdir(), `linnet-${process.pid}-${spec.name}.linnet`);
    let flash: FlashFile;
    let emulator: RunningEmulator;
    let held: number; // QEMU takes up to a second to notice that a PTY nobody had open is open again
    beforeAll(async () => {
      writeFileSync(image, tinyModel(3));
      flash = await flashEmulated(spec, tinyModel(3));
      emulator = await startEmulator(spec, flash.path);
      held = openSync(emulator.port, constants.O_RDWR | constants.O_NOCTTY);
    });
    afterAll(async () => {
      closeSync(held);
      await emulator.stop();
      await flash.release();
      rmSync(image);
    });

    async function onLine<T>(work: (line: Line) => Promise<T>): Promise<T> {
      const port = await openSerialPort(emulator.port);
      try {
        return await work(new Line(port));
      } finally {
        await port.close();
      }
    }

    async function connected<T>(work: (board: Board) => Promise<T>): Promise<T> {
      const board = await connect(emulator.port);
      try {
        return await work(board);
      } finally {
        await board.close();
      }
    }

    test.each(['language model', 'classifier'])(
      'with a %s, from RAM that holds rubbish, it answers as native does, and a fifth of its stack stays unused',
      async (kind) => {
        const model = kind === 'classifier' ? CLASSIFIER : image;
        const bytes = readFileSync(model);
        const own = await flashEmulated(spec, bytes);
        const painted = await startPainted(spec, own.path, home);
        let stack: { used: number; size: number };
        const native = await load(model);
        try {
          const board = await connect(painted.emulator.port);
          expect(await board.selfTest()).toBe(await native.selfTest());
          if (kind === 'classifier') {
            const sentence = 'what is the capital of '.repeat(5);
            expect(await board.classify(sentence)).toEqual(await native.classify(sentence));
          } else {
            expect(await text(board, 'once upon')).toBe(await text(native, 'once upon'));
            const ids = Array.from({ length: 200 }, (_, i) => 97 + (i % 26));
            expect((await board.scoreTokens(ids)).negativeLogLikelihood).toBeGreaterThan(0);
          }
          await board.close();
          const port = await openSerialPort(painted.emulator.port);
          const line = new Line(port);
          line.send(Buffer.from('/help\r/info\r/temp x\r'));
          await line.until(() => line.console.includes('give a number'));
          await port.close();
          stack = await painted.stack();
        } finally {
          await native.close();
          await painted.emulator.stop();
          await own.release();
        }
        const { used, size } = stack;
        expect(used).toBeGreaterThan(500); // or nothing was measured
        expect(used).toBeLessThan(0.8 * size);
      },
    );

    test('the longest message it accepts is answered; a longer one is dropped and counted, and the next is answered', async () => {
      const longest = spec.uart.message_bytes - MessageHeader.size;
      const before = await connected((board) => board.stats());
      await onLine(async (line) => {
        const payload = new Uint8Array(longest).fill(FRAME_FLAG);
        line.send(encodeFrame(message(MessageType.ping, 1, payload)));
        expect(await line.message()).toEqual(new Uint8Array(message(ReplyType.ping, 1, payload)));
        line.send(encodeFrame(message(MessageType.ping, 2, new Uint8Array(longest + 1))));
        line.send(encodeFrame(message(MessageType.ping, 3, payload)));
        expect(await line.message()).toEqual(new Uint8Array(message(ReplyType.ping, 3, payload)));
      });
      const after = await connected((board) => board.stats());
      expect(after.badFrames).toBe(before.badFrames + 1);
      expect(after.lostBytes).toBe(before.lostBytes);
    });

    test('more than its buffers hold, while it computes, is lost, counted, and does no harm', async () => {
      const before = await connected((board) => board.stats());
      const expected = await connected((board) => text(board, 'once'));
      const flood = encodeFrame(message(MessageType.ping, 2, new Uint8Array(200).fill(FRAME_FLAG)));
      let lost = 0;
      // Again, if the system did not let us write while it was at work.
      for (let tries = 0; lost === 0 && tries < 5; tries++) {
        await onLine(async (line) => {
          const work = Array.from({ length: 24 }, (_, i) => encodeFrame(message(MessageType.self_test, 10 + i)));
          const frames = Math.ceil((8 * spec.uart.message_bytes) / flood.length); // twice what fits
          line.send(Buffer.concat([...work, ...Array.from({ length: frames }, () => flood)]));
          for (let i = 0; i < work.length; i++) expect((await line.message())[0]).toBe(ReplyType.self_test);
        });
        lost = (await connected((board) => board.stats())).lostBytes - before.lostBytes;
      }
      expect(lost).toBeGreaterThan(0);
      expect(await connected((board) => text(board, 'once'))).toBe(expected);
    });

    test('writes more than its queue holds, and does not sleep with some of it left', async () => {
      await onLine(async (line) => {
        for (const more of [1, 2, 3, 4]) {
          line.send(Buffer.from('/help\r'));
          await line.until(() => line.console.split('restart the board\r\n> ').length > more);
        }
      });
    });

    test('/reset starts it anew, with the same model', async () => {
      const expected = await connected((board) => text(board, 'once'));
      await onLine(async (line) => {
        line.send(Buffer.from('/reset\r'));
        await line.until(() => line.console.includes('Type a line'));
        expect(line.console).toContain(`on ${spec.name}, tiny-3`);
      });
      await connected(async (board) => {
        expect((await board.stats()).tokens).toBe(0);
        expect(await text(board, 'once')).toBe(expected);
      });
    });
  },
);
