/** Which boards are plugged in: asks every port that could have one. */
import { LinnetError } from '../errors.js';
import { LinkClient } from '../link/client.js';
import { findPorts, type FoundPort } from '../link/find-ports.js';
import { sayHello, type BoardFacts } from '../link/hello.js';
import { openSerialPort } from '../link/serial-port.js';

/** A board that is there answers within milliseconds; a port without one costs this much, ms. */
const PROBE_TIMING = { giveUp: 1200 };

/** A serial port and who answers there. */
export interface SurveyedPort {
  readonly found: FoundPort;
  /** Absent if no board answers. */
  readonly facts?: BoardFacts;
  /** Why not: port_busy, port_denied, no_answer, … */
  readonly error?: LinnetError;
}

export interface AttachedBoard {
  readonly port: string;
  readonly facts: BoardFacts;
  /** What USB says about the port. */
  readonly found: FoundPort;
}

/** Every port that could have a board, asked at the same time. */
export async function surveyPorts(): Promise<SurveyedPort[]> {
  return Promise.all(
    (await findPorts()).map(async (found): Promise<SurveyedPort> => {
      try {
        return { found, facts: await probe(found.path) };
      } catch (error) {
        if (error instanceof LinnetError) return { found, error };
        throw error;
      }
    }),
  );
}

/** Boards that answer on a serial port. Ports in use or without a board are passed over. */
export async function attachedBoards(): Promise<AttachedBoard[]> {
  return (await surveyPorts()).flatMap(({ found, facts }) => (facts ? [{ port: found.path, facts, found }] : []));
}

/** @throws LinnetError, if no board answers on the port; the signal's reason */
export async function probe(port: string, signal?: AbortSignal): Promise<BoardFacts> {
  const client = new LinkClient(await openSerialPort(port), { timing: PROBE_TIMING });
  try {
    return await sayHello(client, signal);
  } finally {
    await client.close();
  }
}
