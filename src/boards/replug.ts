/** Waits for a board that was unplugged to come back, on the same port or another. */
import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LinnetError } from '../errors.js';
import { findPorts, type FoundPort } from '../link/find-ports.js';
import { probe } from './attached.js';

/** How often to look, ms. */
const LOOK_EVERY_MS = 250;

/** What is known of a board while it is connected. */
export interface BoardIdentity {
  /** Path as it was given: may be a link that follows the board, as in /dev/serial/by-id. */
  readonly port: string;
  /** Name in HELLO. */
  readonly board: string;
  /** What USB says, if it is on USB. */
  readonly found: FoundPort | undefined;
  /** Ports that were there besides: a second board of the same make is not the one that comes back. */
  readonly others: readonly string[];
}

/** Call it while the board is connected. @param board its name in HELLO */
export async function identify(port: string, board: string): Promise<BoardIdentity> {
  const path = await realpath(port).catch(() => port);
  const ports = await findPorts();
  const others = ports.map((other) => other.path).filter((other) => other !== path);
  return { port, board, found: ports.find((other) => other.path === path), others };
}

/**
 * @param patience ms
 * @returns the port it answers on now
 * @throws LinnetError port_lost when patience ends; the signal's reason
 */
export async function awaitReturn(
  lost: BoardIdentity,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<string> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    for (const path of await candidates(lost)) {
      const facts = await probe(path, signal).catch(() => undefined);
      if (facts?.board === lost.board) return path;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  throw new LinnetError(
    'port_lost',
    `the ${lost.board} did not come back within ${Math.round(patience / 1000)} s`,
    lost.port,
    'plug it in and start again',
  );
}

/** The port it was on, unless another device is there now, and others where the same device is. */
async function candidates({ port, found: lost, others }: BoardIdentity): Promise<string[]> {
  const there = await realpath(port).catch(() => undefined);
  const now = await findPorts();
  const isSame = (found: FoundPort): boolean =>
    lost?.vendorId !== undefined &&
    found.vendorId === lost.vendorId &&
    found.productId === lost.productId &&
    found.serialNumber === lost.serialNumber &&
    (lost.serialNumber !== undefined || !others.includes(found.path));
  const stranger = now.some((found) => found.path === there && lost?.vendorId !== undefined && !isSame(found));
  const elsewhere = now.filter((found) => found.path !== there && isSame(found)).map(({ path }) => path);
  return there === undefined || stranger ? elsewhere : [port, ...elsewhere];
}
