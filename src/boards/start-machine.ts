/** Starts the emulator of a board, whatever it is. */
import { LinnetError } from '../errors.js';
import { openSerialPort } from '../link/serial-port.js';
import type { Transport } from '../link/transport.js';
import { emulatedFlashPath } from './emulated-flash.js';
import { emulatorEnded, startEmulator, type RunningEmulator } from './emulator.js';
import type { Machine } from './machine.js';
import type { BoardSpec } from './registry.js';
import { startRp2040 } from './rp2040/worker-machine.js';

/**
 * @param flashFile what the board's flash holds (flashEmulated)
 * @throws LinnetError tool_missing, file_not_found (firmware not built), emulator_failed, unknown_board
 */
export async function startMachine(board: BoardSpec, flashFile: string): Promise<Machine> {
  if (board.emulator?.kind === 'rp2040js') return startRp2040(board, flashFile, emulatedFlashPath(board));
  return new PtyMachine(board, await startEmulator(board, flashFile));
}

/** An emulator with its serial line on a pseudo-terminal. */
class PtyMachine implements Machine {
  readonly ended: Promise<LinnetError>;
  private stopped = false;

  constructor(
    private readonly board: BoardSpec,
    private readonly emulator: RunningEmulator,
  ) {
    this.ended = emulator.exited.then(({ status, stderr }) => {
      if (this.stopped) return new LinnetError('closed', 'the emulator was stopped', board.name, 'start it again');
      const bySignal = status >= 128;
      return bySignal
        ? new LinnetError('port_lost', 'the emulator was ended while in use', board.name, 'run it again')
        : emulatorEnded(board, { status, stderr });
    });
  }

  open(): Promise<Transport> {
    return openSerialPort(this.emulator.port, this.board.uart.baud);
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.emulator.stop();
  }
}
