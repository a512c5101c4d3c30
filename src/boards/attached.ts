/** Which boards are plugged in: asks every port that could have one. */
import { findPorts } from '../link/find-ports.js';
import { LinkClient } from '../link/client.js';
import { sayHello, type BoardFacts } from '../link/hello.js';
import { openSerialPort } from '../link/serial-port.js';

/** A board that is there answers within milliseconds; a port without one costs this much, ms. */
const PROBE_TIMING = { giveUp: 1200 };

export interface AttachedBoard {
  readonly port: string;
  readonly facts: BoardFacts;
}

/** Boards that answer on a serial port. Ports in use or without a board are passed over. */
export async function attachedBoards(): Promise<AttachedBoard[]> {
  const probes = (await findPorts()).map(async (port) => {
    const facts = await probe(port).catch(() => undefined);
    return facts ? [{ port, facts }] : [];
  });
  return (await Promise.all(probes)).flat();
}

/** @throws LinnetError, if no board answers on the port */
export async function probe(port: string): Promise<BoardFacts> {
  const client = new LinkClient(await openSerialPort(port), { timing: PROBE_TIMING });
  try {
    return await sayHello(client);
  } finally {
    await client.close();
  }
}
