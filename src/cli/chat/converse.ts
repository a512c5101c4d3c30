/** The loop of `linnet chat`: read a line, answer it, until the end of input. */
import type { Board } from '../../link/board.js';
import type { Io } from '../command.js';
import { openLineInput } from './line-input.js';
import { ChatSession, isPassing } from './session.js';
import type { Settings } from './settings.js';

export async function converse(io: Io, board: Board, settings: Settings): Promise<void> {
  const session = new ChatSession(io, board, settings);
  const input = openLineInput(io, '> ');
  session.greet();
  if (input.interactive) io.note('/help lists the commands, Ctrl-C stops an answer.');
  try {
    for (let line = await input.next(); line !== undefined; line = await input.next()) {
      io.signal.throwIfAborted();
      if (line.trim() === '' && !input.interactive) continue;
      const interrupt = new AbortController();
      input.onInterrupt = () => interrupt.abort(new AnswerStopped());
      try {
        if (!(await session.handle(line, AbortSignal.any([io.signal, interrupt.signal])))) return;
      } catch (error) {
        if (error instanceof AnswerStopped) io.note('stopped');
        else if (input.interactive && isPassing(error)) io.note(`linnet: ${error.message}`);
        else throw error;
      } finally {
        input.onInterrupt = () => undefined;
      }
    }
  } finally {
    input.close();
  }
}

/** Ctrl-C during an answer. */
class AnswerStopped extends Error {}
