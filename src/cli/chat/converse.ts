/** The loop of `linnet chat`: read a text, answer it, until the end of input. */
import { LinnetError } from '../../errors.js';
import { coloursFor } from '../colours.js';
import type { Io } from '../command.js';
import { printable } from '../printable.js';
import { openLineInput } from './line-input.js';

/** What the texts are for. */
export interface Conversation {
  greet(): void;
  /** @returns false to end the conversation */
  handle(text: string, signal: AbortSignal): Promise<boolean>;
  /** The line to the board is gone, and recover() may bring it back. */
  readonly isLost?: boolean;
  /** @returns whether nothing of the answer was shown, so that the text can be answered now */
  recover?(error: LinnetError, signal: AbortSignal): Promise<boolean>;
}

export async function converse(io: Io, conversation: Conversation): Promise<void> {
  const input = openLineInput(io, coloursFor(io.out.isTTY ? io.out : io.err));
  conversation.greet();
  if (input.interactive) io.note('/help lists the commands, Ctrl-C stops an answer.');
  try {
    for (let text = await input.next(); text !== undefined; text = await input.next()) {
      io.signal.throwIfAborted();
      if (text.trim() === '' && !input.interactive) continue;
      const interrupt = new AbortController();
      input.onInterrupt = () => interrupt.abort(new Stopped());
      const signal = AbortSignal.any([io.signal, interrupt.signal]);
      try {
        const goOn = input.interactive
          ? await handlePatiently(io, conversation, text, signal)
          : await conversation.handle(text, signal);
        if (!goOn) return;
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
        io.note('stopped');
      } finally {
        input.onInterrupt = () => undefined;
      }
    }
  } finally {
    input.close();
  }
}

/** With a person there, an error is told and the conversation goes on, and a board that is lost is waited for. */
async function handlePatiently(
  io: Io,
  conversation: Conversation,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await conversation.handle(text, signal);
  } catch (error) {
    if (!(error instanceof LinnetError)) throw error;
    if (!conversation.isLost || !conversation.recover) {
      io.note(coloursFor(io.err).red(printable(`linnet: ${error.message}`)));
      return true;
    }
    return !(await conversation.recover(error, signal)) || conversation.handle(text, signal);
  }
}

/** Ctrl-C during an answer. */
class Stopped extends Error {}
