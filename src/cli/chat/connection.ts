/** The board a conversation is with. It can be another one later, or the same one again after it was lost. */
import { findBoard } from '../../boards/registry.js';
import { awaitReturn, identify, type BoardIdentity } from '../../boards/replug.js';
import { connect, type Board } from '../../link/board.js';
import { openTarget, type Target } from '../target.js';

/** How long a board may be away, ms. */
const REPLUG_PATIENCE_MS = 120_000;

export class Connection {
  private constructor(
    private current: Board,
    private target: Target,
    /** Undefined for an emulated board: it goes with this process. */
    private identity: BoardIdentity | undefined,
  ) {}

  /** Starts or finds the board. The caller closes the connection. */
  static async open(target: Target, signal: AbortSignal): Promise<Connection> {
    const board = await openTarget({ signal }, target);
    return new Connection(board, target, await identityOf(board, target));
  }

  get board(): Board {
    return this.current;
  }

  get isEmulated(): boolean {
    return this.identity === undefined;
  }

  /** Path of the image the board was given, if that is known. */
  get image(): string | undefined {
    return this.target.image;
  }

  /** Goes over to another board, with the same image. If that fails the old one stays. @param place its name or port */
  async switchTo(place: string, signal: AbortSignal): Promise<void> {
    await this.replaceBy({ image: this.image, ...placeOf(place) }, signal);
  }

  /** Flashes an emulated board and starts it again. If that fails the old model stays. */
  async flash(image: string, signal: AbortSignal): Promise<void> {
    await this.replaceBy({ ...this.target, image }, signal);
  }

  /** What was uploaded runs now: `path` is its file. */
  uploaded(path: string): void {
    this.target = { ...this.target, image: path };
  }

  /**
   * After the line was lost: starts the emulator again, or waits for the board to come back.
   * @throws LinnetError port_lost, if it does not; the signal's reason
   */
  async recover(signal: AbortSignal): Promise<void> {
    await this.current.close();
    if (!this.identity) {
      this.current = await openTarget({ signal }, this.target);
      return;
    }
    const port = await awaitReturn(this.identity, { patience: REPLUG_PATIENCE_MS, signal });
    this.current = await connect(port, { signal });
    this.identity = await identify(port, this.identity.board);
  }

  async close(): Promise<void> {
    await this.current.close();
  }

  private async replaceBy(target: Target, signal: AbortSignal): Promise<void> {
    const next = await openTarget({ signal }, target);
    const before = this.current;
    this.current = next;
    this.target = target;
    this.identity = await identityOf(next, target);
    await before.close();
  }
}

async function identityOf(board: Board, { port, board: name }: Target): Promise<BoardIdentity | undefined> {
  if (port === undefined && name !== undefined && findBoard(name).emulator) return undefined;
  return identify(board.port, board.facts.board);
}

function placeOf(place: string): Target {
  return /\/|^COM\d/.test(place) ? { port: place } : { board: findBoard(place).name };
}
