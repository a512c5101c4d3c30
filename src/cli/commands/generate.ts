import { randomInt } from 'node:crypto';
import pc from 'picocolors';
import type { GenerateOptions, TextModel } from '../../model.js';
import { defineCommand, type Io } from '../command.js';
import { declareModelOptions, withModel } from '../model.js';
import { printable } from '../printable.js';
import { declareSamplingOptions, type SamplingOptions } from '../sampling.js';

interface Options extends SamplingOptions {
  readonly prompt: string;
}

export default defineCommand({
  name: 'generate',
  summary: 'continue a prompt with a language model',
  example: 'linnet generate models/gutenberg-lm/gutenberg-lm.linnet --prompt "Once upon a time" --tokens 60 --seed 7',
  configure(command) {
    command.argument('<image>', 'a .linnet language model').requiredOption('-p, --prompt <text>', 'text to continue');
    declareSamplingOptions(command);
    declareModelOptions(command);
  },
  async run(io, [image], options) {
    await withModel(io, image as string, options, (model) => generate(io, model, options as unknown as Options));
  },
});

async function generate(io: Io, model: TextModel, options: Options): Promise<void> {
  const { prompt, tokens: maxTokens, temperature, topK, seed = randomInt(2 ** 32) } = options;
  const request: GenerateOptions = { maxTokens, temperature, topK, seed, signal: io.signal };
  const write = (text: string): void => void io.out.write(io.out.isTTY ? printable(text) : text);
  if (!io.json && io.out.isTTY) io.out.write(pc.dim(printable(prompt)));
  const started = performance.now();
  let text = '';
  let tokens = 0;
  try {
    for await (const token of model.generate(prompt, request)) {
      text += token.text;
      tokens++;
      if (io.json) io.emit({ type: 'token', id: token.id, text: token.text });
      else write(token.text);
    }
  } finally {
    if (!io.json && tokens > 0 && !text.endsWith('\n')) io.out.write('\n');
  }
  const seconds = Number(((performance.now() - started) / 1000).toFixed(6));
  if (io.json) io.emit({ type: 'done', text, tokens, seconds, seed });
  else io.note(`${tokens} tokens, ${(tokens / seconds).toFixed(0)} tokens/s, seed ${seed}`);
}
