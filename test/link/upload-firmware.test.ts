/** Uploads to real firmware over real serial ports: whatever goes wrong, the old model answers, and the next one works. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boardImage, isModel } from '../../src/boards/board-image.js';
import { flashEmulated, type FlashFile } from '../../src/boards/emulated-flash.js';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { PACKAGE_ROOT } from '../../src/boards/registry.js';
import { load } from '../../src/engine/load.js';
import { LinnetError } from '../../src/errors.js';
import { Board, connect, connectTransport } from '../../src/link/board.js';
import { LinkClient } from '../../src/link/client.js';
import { sayHello } from '../../src/link/hello.js';
import { openSerialPort } from '../../src/link/serial-port.js';
import { uploadImage, type UploadOptions } from '../../src/link/upload.js';
import { Header } from '../../src/schema/image.js';
import { MessageType, UploadReply, UploadRequest } from '../../src/schema/link.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { evenly, FaultyTransport } from './faulty-transport.js';

jest.setTimeout(60_000);

const OLD = tinyModel(3);
const NEW = tinyModel(4);
const CLASSIFIER = readFileSync(join(PACKAGE_ROOT, 'test/conformance/cnn.linnet'));
const GREEDY = { maxTokens: 30, temperature: 0 };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const failure = (work: Promise<unknown>): Promise<LinnetError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: LinnetError) => error,
  );

async function idsOf(model: Pick<Board, 'generate'>, prompt = 'once', options: object = GREEDY): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of model.generate(prompt, options)) ids.push(id);
  return ids;
}

let home: string;
let oldIds: number[];
let newIds: number[];
async function native(image: Uint8Array): Promise<number[]> {
  const path = join(home, 'model.linnet');
  writeFileSync(path, image);
  const model = await load(path);
  try {
    return await idsOf(model as unknown as Board);
  } finally {
    await model.close();
  }
}
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  oldIds = await native(OLD);
  newIds = await native(NEW);
  expect(newIds).not.toEqual(oldIds);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each(builtBoards('host', 'mps2-an386').map((spec) => [spec.name, spec] as const))('%s', (_name, spec) => {
  let flash: FlashFile;
  let emulator: RunningEmulator;
  beforeAll(async () => {
    flash = await flashEmulated(spec, OLD);
    emulator = await startEmulator(spec, flash.path);
  });
  afterAll(async () => {
    await emulator.stop();
    await flash.release();
  });
  beforeEach(() => onBoard((board) => board.upload(OLD)));

  async function onBoard<T>(work: (board: Board) => Promise<T>): Promise<T> {
    const board = await connect(emulator.port);
    try {
      return await work(board);
    } finally {
      await board.close();
    }
  }

  /** Uploads anything, unchecked by the host. */
  async function send(image: Uint8Array, options: UploadOptions = {}): Promise<unknown> {
    const client = new LinkClient(await openSerialPort(emulator.port));
    try {
      await sayHello(client);
      return await uploadImage(client, image, options);
    } finally {
      await client.close();
    }
  }

  const expectOld = (): Promise<void> =>
    onBoard(async (board) => {
      expect(isModel(board.info.sha256, OLD)).toBe(true);
      expect(await idsOf(board)).toEqual(oldIds);
    });

  /** What the upload of NEW, cut short in the middle, leaves. */
  async function half(): Promise<number> {
    const stop = new AbortController();
    const onProgress = (done: number, total: number): void => {
      if (done > total / 2) stop.abort(new Error('half'));
    };
    expect((await failure(send(boardImage(spec, NEW), { signal: stop.signal, onProgress }))).message).toBe('half');
    return NEW.length / 2;
  }

  const spoilt = (spoil: (image: Buffer) => Buffer | void): Uint8Array => {
    const image = Buffer.from(NEW);
    return spoil(image) ?? image;
  };
  test('an uploaded model gives the tokens it gives anywhere, and so does the next', () =>
    onBoard(async (board) => {
      expect(await idsOf(board)).toEqual(oldIds);
      const report = await board.upload(NEW);
      const held = sha256(boardImage(spec, NEW));
      expect(report).toMatchObject({ sha256: held, bytes: NEW.length, resumedAt: 0, keeps: 'until_reset' });
      expect(board.info).toMatchObject({ name: 'tiny-4', sha256: held });
      expect(await idsOf(board)).toEqual(newIds);
      await board.upload(CLASSIFIER);
      expect(board.info.kind).toBe('classifier');
      expect((await board.classify('a fine film')).label).toBeTruthy();
      await board.upload(OLD);
      expect(await idsOf(board)).toEqual(oldIds);
    }));

  test('a refused model leaves the state of the old one: its text goes on', async () => {
    const client = new LinkClient(await openSerialPort(emulator.port));
    const facts = await sayHello(client);
    const board = new Board(client, facts, facts.model!);
    const ids = await idsOf(board, 'once', { ...GREEDY, maxTokens: 12 });
    const damaged = spoilt((image) => void (image[3000]! ^= 4));
    expect(await failure(uploadImage(client, damaged))).toMatchObject({ code: 'crc_mismatch' });
    ids.push(...(await idsOf(board, '', { ...GREEDY, maxTokens: 18, keepState: true })));
    expect(ids).toEqual(oldIds);
    await board.close();
  });

  test('an upload that was cut short leaves the old model at work, and goes on where it was', async () => {
    const had = await half();
    await expectOld();
    await onBoard(async (board) => {
      const { resumedAt } = await board.upload(NEW);
      expect(resumedAt).toBeGreaterThan(had);
      expect(resumedAt).toBeLessThan(NEW.length);
      expect(await idsOf(board)).toEqual(newIds);
    });
  });

  test('a board that is reset while bytes come gets the model all the same', async () => {
    const line = await openSerialPort(emulator.port);
    const client = new LinkClient(line);
    let reset = false;
    const { facts } = await uploadImage(client, NEW, {
      onProgress: (done, total) => {
        if (reset || done < total / 2) return;
        reset = true;
        line.write(Buffer.from('\r/reset\r'));
      },
    });
    expect(reset).toBe(true);
    expect(facts.model!.sha256).toBe(sha256(NEW));
    await client.close();
  });

  test.each([21])('an upload ends right while 1 %% of all bytes are damaged both ways, seed %i', async (seed) => {
    const noisy = new FaultyTransport(await openSerialPort(emulator.port), evenly(0.01, seed));
    const board = await connectTransport(noisy);
    try {
      await board.upload(CLASSIFIER);
    } finally {
      await board.close();
    }
    expect(noisy.damaged).toBeGreaterThan(40);
    await onBoard(async (clean) => {
      expect(isModel(clean.info.sha256, CLASSIFIER)).toBe(true);
    });
  });

  if (spec.name !== 'host') return; // the same firmware, and a faster line

  test('score() counts the tokens of the model that was uploaded', () =>
    onBoard(async (board) => {
      await board.upload(NEW);
      expect((await board.score('once upon')).tokens).toBe('once upon'.length);
    }));

  test('a generation does not go on from the state of the model before', () =>
    onBoard(async (board) => {
      await idsOf(board, 'once', { ...GREEDY, maxTokens: 3 });
      await board.upload(NEW);
      expect(await idsOf(board, 'once', { ...GREEDY, keepState: true })).toEqual(newIds);
    }));

  test.each([
    ['no image at all', 'bad_magic', spoilt((image) => void image.fill(0x55))],
    ['one with a damaged byte', 'crc_mismatch', spoilt((image) => void (image[3000]! ^= 4))],
    ['one cut short', 'size_mismatch', spoilt((image) => image.subarray(0, image.length - 64))],
    [
      'one of another layout',
      'unsupported_layout',
      spoilt((image) => void image.writeUInt16LE(3, Header.offsets.layout)),
    ],
    ['a scrap', 'image_too_small', Buffer.from('LNET')],
  ])('%s is refused by the board, and the old model answers', async (_what, code, image) => {
    expect(await failure(send(image))).toMatchObject({ code });
    await expectOld();
  });

  test('a model larger than its memory is refused by the board, and the old model answers', async () => {
    const client = new LinkClient(await openSerialPort(emulator.port));
    const request = UploadRequest.encode({ size: spec.image.bytes + 1, sha256: Array<number>(32).fill(7) });
    expect(await failure(client.request(MessageType.upload_begin, request))).toMatchObject({
      code: 'upload_too_large',
    });
    await client.close();
    await expectOld();
  });

  test('another upload that begins mid-way takes its place; what is left of the first one cannot mix with it', async () => {
    await half();
    await onBoard(async (board) => {
      await board.upload(CLASSIFIER);
      expect(board.info.kind).toBe('classifier');
    });
    await onBoard(async (board) => {
      expect((await board.upload(NEW)).resumedAt).toBe(0);
      expect(await idsOf(board)).toEqual(newIds);
    });
  });

  test('data of another upload is refused and does not disturb the one under way', async () => {
    const had = await half();
    const client = new LinkClient(await openSerialPort(emulator.port));
    const foreign = Buffer.concat([Buffer.from([1, 2, 3, 4, 0, 0, 0, 0]), Buffer.alloc(100)]);
    expect(await failure(client.request(MessageType.upload_data, foreign))).toMatchObject({ code: 'upload_lost' });
    await client.close();
    await onBoard(async (board) => {
      expect((await board.upload(NEW)).resumedAt).toBeGreaterThan(had);
      expect(await idsOf(board)).toEqual(newIds);
    });
  });

  test('a board that is reset mid-way has its old model, and takes the upload again', async () => {
    await half();
    const line = await openSerialPort(emulator.port);
    const starts = new Promise<void>((resolve) => {
      let said = '';
      line.onData((bytes) => {
        said += Buffer.from(bytes).toString('latin1');
        if (said.includes('Type a line')) resolve();
      });
    });
    line.write(Buffer.from('\r/reset\r'));
    await starts;
    await line.close();
    await expectOld();
    await onBoard(async (board) => {
      expect((await board.upload(NEW)).resumedAt).toBe(0);
      expect(await idsOf(board)).toEqual(newIds);
    });
  });

  test('a host that is killed mid-way leaves the old model at work, and the next one goes on', async () => {
    // A big one, so that there is a middle.
    const large = tinyModel(4, 12_000_000);
    const path = join(home, 'large.linnet');
    writeFileSync(path, large);
    const cli = join(PACKAGE_ROOT, 'src/cli/main.ts');
    const host = spawn(process.execPath, ['--import', 'tsx', cli, 'upload', path, '--port', emulator.port], {
      cwd: PACKAGE_ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let text = '';
      host.stderr!.on('data', (words: Buffer) => {
        text += words.toString();
        if (/[257]\d %/.test(text)) resolve();
      });
      host.on('exit', () => reject(new Error(`it ended before it was killed: ${text}`)));
    });
    host.removeAllListeners('exit');
    const gone = new Promise((resolve) => host.on('exit', resolve));
    host.kill('SIGKILL');
    await gone;
    await expectOld();
    await onBoard(async (board) => {
      const { resumedAt } = await board.upload(large);
      expect(resumedAt).toBeGreaterThan(0);
      expect(board.info.sha256).toBe(sha256(large));
      expect(await idsOf(board)).toEqual(newIds);
    });
  });

  test('while tokens stream the upload waits for nobody: it is refused as busy', () =>
    onBoard(async (board) => {
      for await (const token of board.generate('once', GREEDY)) {
        expect(token).toBeTruthy();
        expect(await failure(board.upload(NEW))).toMatchObject({ code: 'busy' });
        break;
      }
      await board.upload(NEW);
      expect(await idsOf(board)).toEqual(newIds);
    }));

  test('a board that takes the model but answers late is asked again, not twice changed', async () => {
    const client = new LinkClient(await openSerialPort(emulator.port));
    await uploadImage(client, NEW);
    const request = UploadRequest.encode({ size: NEW.length, sha256: [...Buffer.from(sha256(NEW), 'hex')] });
    const again = UploadReply.decode(await client.request(MessageType.upload_commit, request));
    expect(again).toMatchObject({ next: NEW.length });
    await client.close();
  });
});
