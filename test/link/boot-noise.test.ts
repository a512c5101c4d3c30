/** HELLO to a board that is just starting: noise before the answer and within it, an answer cut by a reset. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectTransport } from '../../src/link/board.js';
import type { Transport } from '../../src/link/transport.js';
import { builtBoards } from '../boards/built-boards.js';
import { HostBoard } from '../boards/host-board.js';
import { tinyModel } from '../boards/tiny-model.js';
import { MemoryTransport, random } from './memory-transport.js';
import { SimulatedBoard } from './simulated-board.js';

/** What a boot loader prints at another baud rate: any bytes, flags and escapes among them more often than by chance. */
function noise(next: () => number): Buffer {
  const special = [0x7e, 0x7d, 0x0d, 0x0a];
  return Buffer.from(
    Array.from({ length: Math.floor(next() * 300) }, () =>
      next() < 0.1 ? special[Math.floor(next() * special.length)]! : Math.floor(next() * 256),
    ),
  );
}

/** A line on which the first answer is cut in the middle, and noise comes before and after every one. */
class BootingLine implements Transport {
  readonly name = 'booting';
  private answers = 0;

  constructor(
    private readonly line: Transport,
    private readonly next: () => number,
  ) {}

  onData(listener: (bytes: Uint8Array) => void): void {
    this.line.onData((bytes) => {
      const whole = this.answers++ > 0;
      const cut = whole ? bytes.length : Math.floor(this.next() * bytes.length);
      listener(Buffer.concat([noise(this.next), bytes.subarray(0, cut), noise(this.next)]));
    });
  }

  write(bytes: Uint8Array): void {
    this.line.write(bytes);
  }

  onClose(...args: Parameters<Transport['onClose']>): void {
    this.line.onClose(...args);
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

test.each(Array.from({ length: 20 }, (_, seed) => [seed]))(
  'noise of seed %i is no answer and hides none',
  async (seed) => {
    const [host, device] = MemoryTransport.pair();
    new SimulatedBoard(device, []);
    const timing = { firstTimeout: 5, maxTimeout: 5 };
    const board = await connectTransport(new BootingLine(host, random(seed)), { timing });
    expect(board.facts).toMatchObject({ board: 'sim', firmware: '1.2.3' });
    await board.close();
  },
);

(builtBoards('host').length > 0 ? test : test.skip)(
  'a board that is reset again and again is met in the end',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-port-'));
    writeFileSync(join(folder, 'tiny.linnet'), tinyModel(3));
    const device = new HostBoard(join(folder, 'port'), join(folder, 'tiny.linnet'));
    await device.plugIn();
    const connected = connect(device.port);
    for (let i = 0; i < 5; i++) {
      device.type('\r/reset\r');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const board = await connected;
    expect(board.info.name).toBe('tiny-3');
    await board.close();
    await device.unplug();
    rmSync(folder, { recursive: true, force: true });
  },
);
