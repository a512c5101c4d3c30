import { createInterface } from 'node:readline';
import { LinnetError } from '../../errors.js';
import type { Classification } from '../../model.js';
import { defineCommand, type Io } from '../command.js';
import { declareModelOptions, withModel } from '../model.js';
import { printable } from '../printable.js';

export default defineCommand({
  name: 'classify',
  summary: 'label sentences with a classifier',
  example: 'linnet classify models/sst2-textcnn/sst2-textcnn.linnet "a gorgeous, witty film"',
  configure(command) {
    command
      .argument('<image>', 'a .linnet classifier')
      .argument('[sentence...]', 'sentences; without any, the lines of standard input');
    declareModelOptions(command);
  },
  async run(io, [image, sentences], options) {
    const given = sentences as readonly string[];
    await withModel(io, image as string, options, async (model) => {
      let count = 0;
      for await (const text of given.length > 0 ? given : lines(io)) {
        report(io, text, await model.classify(text));
        count++;
        io.signal.throwIfAborted();
      }
      if (count === 0)
        throw new LinnetError(
          'input_empty',
          'no sentences',
          'stdin',
          'give some as arguments, or a line each on standard input',
        );
    });
  },
});

/** The lines of standard input that are not blank. */
async function* lines(io: Io): AsyncGenerator<string> {
  if (io.input.isTTY) io.note('one sentence a line, Ctrl-D ends');
  const reader = createInterface({ input: io.input, crlfDelay: Infinity });
  const stop = (): void => reader.close();
  io.signal.addEventListener('abort', stop);
  try {
    for await (const line of reader) if (line.trim() !== '') yield line;
  } finally {
    io.signal.removeEventListener('abort', stop);
    reader.close();
  }
}

function report(io: Io, text: string, { label, scores }: Classification): void {
  if (io.json) return io.emit({ text, label, scores });
  const percent = ((scores[label] ?? 0) * 100).toFixed(1).padStart(5);
  io.out.write(`${printable(label)} ${percent} %  ${printable(text)}\n`);
}
