/** What a model says, wherever it runs. */
import type { LinnetError } from '../../../src/errors.js';
import type { GenerateOptions, TextModel } from '../../../src/model.js';

export interface Answer {
  readonly text: string;
  readonly ids: number[];
}

export async function answerOf(
  model: Pick<TextModel, 'generate'>,
  prompt: string,
  options: GenerateOptions,
): Promise<Answer> {
  let text = '';
  const ids: number[] = [];
  for await (const token of model.generate(prompt, options)) {
    text += token.text;
    ids.push(token.id);
  }
  return { text, ids };
}

/** The error of what must fail. */
export function failure(work: Promise<unknown>): Promise<LinnetError> {
  return work.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}
