/** An emulated board whose RAM holds a known byte when it starts, and can be looked at: what it never wrote is seen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';

export const PAINT = 0xa5;
const PROMPT = '(qemu) ';

export interface PaintedBoard {
  readonly emulator: RunningEmulator;
  /** Stack bytes that were used since start, at least, and those there are. */
  stack(): Promise<{ used: number; size: number }>;
}

/**
 * @param flashFile as startEmulator has it
 * @param folder for files of its own, gone with it
 */
export async function startPainted(spec: BoardSpec, flashFile: string, folder: string): Promise<PaintedBoard> {
  const paint = join(folder, 'paint.bin');
  const monitor = join(folder, 'monitor');
  const dump = join(folder, 'ram.bin');
  const { origin } = spec.ram;
  const bytes = Math.min(spec.ram.bytes, 65536); // QEMU loads no more than the least machine has
  writeFileSync(paint, new Uint8Array(bytes).fill(PAINT));
  const emulator = spec.emulator!;
  if (emulator.kind !== 'qemu') throw new Error('only QEMU has a monitor');
  const args = emulator.args.map((arg, i) =>
    emulator.args[i - 1] === '-monitor' ? `unix:${monitor},server=on,wait=off` : arg,
  );
  const painted = [...args, '-device', `loader,file=${paint},addr=0x${origin.toString(16)},force-raw=on`];
  const running = await startEmulator({ ...spec, emulator: { ...emulator, args: painted } }, flashFile);
  return {
    emulator: running,
    async stack() {
      await command(monitor, `memsave 0x${origin.toString(16)} ${bytes} "${dump}"`);
      const size = stackBytes(spec);
      // It begins RAM and grows down to its start.
      const untouched = readFileSync(dump).findIndex((byte) => byte !== PAINT);
      return { used: size - untouched, size };
    },
  };
}

function stackBytes({ name }: BoardSpec): number {
  const script = readFileSync(join(PACKAGE_ROOT, 'firmware', 'boards', name, 'memory.ld'), 'utf8');
  return Number(/linnet_stack_bytes = (\d+)K;/.exec(script)![1]) * 1024;
}

/** Runs one command of QEMU's monitor. */
function command(monitor: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(monitor);
    let output = '';
    let prompts = 0;
    socket.on('error', reject);
    socket.on('data', (data) => {
      output += data.toString();
      const seen = output.split(PROMPT).length - 1;
      if (prompts === 0 && seen > 0) socket.write(`${line}\n`);
      if (prompts > 0 && output.endsWith(PROMPT) && seen > prompts) {
        socket.destroy();
        resolve();
      }
      prompts = Math.max(prompts, seen);
    });
  });
}
