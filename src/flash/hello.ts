/** Asks what was just flashed who it is. */
import { attachedBoards } from '../boards/attached.js';
import type { BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { LinkClient } from '../link/client.js';
import { sayHello, type BoardFacts } from '../link/hello.js';
import { openSerialPort } from '../link/serial-port.js';

const PAUSE_MS = 200;
const TIMING = { giveUp: 1200 };

export interface Answer {
  readonly port: string;
  readonly facts: BoardFacts;
}

export interface HelloOptions {
  /** Where the board is; found by asking all ports, if it is not said. */
  readonly port?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to go on asking. */
  readonly patienceMs: number;
}

/**
 * @param sha256 of the model that was flashed
 * @throws LinnetError no_answer, wrong_board, flash_failed (another model runs there), no_model (it refuses the model),
 * those of openSerialPort
 */
export async function helloAfterFlash(
  board: BoardSpec,
  sha256: string,
  { port, signal, patienceMs }: HelloOptions,
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  let failure: unknown;
  do {
    signal?.throwIfAborted();
    try {
      const answer = port === undefined ? await discover(board, sha256) : await ask(board, port, signal);
      if (answer) return expectFlashed(board, sha256, answer);
    } catch (error) {
      if (!passes(error)) throw error;
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (performance.now() < deadline);
  if (failure instanceof LinnetError && failure.code !== 'no_answer') throw failure;
  throw new LinnetError(
    'no_answer',
    `${board.name} is flashed, but nothing answers ${port === undefined ? 'on any serial port' : 'there'}`,
    port ?? 'serial ports',
    `leave its boot mode and reset it, check that the adapter is on the pins of the link (${board.uart.pins}), ` +
      `then "linnet chat --board ${board.name}"; --no-hello skips this`,
  );
}

/** What a board that is restarting looks like. */
function passes(error: unknown): boolean {
  return error instanceof LinnetError && ['no_answer', 'no_such_port', 'port_lost', 'port_busy'].includes(error.code);
}

async function ask(board: BoardSpec, port: string, signal: AbortSignal | undefined): Promise<Answer> {
  const client = new LinkClient(await openSerialPort(port, board.uart.baud), { timing: TIMING });
  try {
    return { port, facts: await sayHello(client, signal) };
  } finally {
    await client.close();
  }
}

/** Of several boards of this kind, the one with this model. */
async function discover(board: BoardSpec, sha256: string): Promise<Answer | undefined> {
  const those = (await attachedBoards()).filter(({ facts }) => facts.board === board.name);
  return those.find(({ facts }) => facts.model?.sha256 === sha256) ?? those[0];
}

function expectFlashed(board: BoardSpec, sha256: string, answer: Answer): Answer {
  const { port, facts } = answer;
  if (facts.board !== board.name)
    throw new LinnetError(
      'wrong_board',
      `what answers is a ${facts.board}, not the ${board.name} that was flashed`,
      port,
      'give the --port of the board',
    );
  if (facts.modelError) throw facts.modelError;
  if (facts.model!.sha256 !== sha256)
    throw new LinnetError(
      'flash_failed',
      `the board runs ${facts.model!.name}, not the model that was flashed`,
      port,
      'flash it again',
    );
  return answer;
}
