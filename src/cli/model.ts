/** Options every command that runs a model takes: on which engine, or on which board. */
import type { Command } from 'commander';
import { load } from '../engine/load.js';
import type { TextModel } from '../model.js';
import type { Io } from './command.js';
import { atMostOne, oneOf } from './options.js';
import { openTarget } from './target.js';

const ENGINES = ['auto', 'native', 'reference'] as const;
const KERNELS = ['auto', 'reference', 'avx2', 'avxvnni', 'avx512vnni', 'neonsmull', 'neonsdot'] as const;

export function declareModelOptions(command: Command): void {
  command
    .option('--board <name>', 'run on this board, started or found (see "linnet boards")')
    .option('--port <path>', 'run on the board at this serial port')
    .option(
      '--engine <name>',
      `${ENGINES.join(', ')}: the C++ engine, or the one in TypeScript`,
      oneOf('--engine', ENGINES),
    )
    .option('--kernels <name>', `${KERNELS.join(', ')}: variant of the C++ engine`, oneOf('--kernels', KERNELS));
}

/** The model, here or on a board. The caller closes it. */
export async function openModel(io: Io, image: string, options: Readonly<Record<string, unknown>>): Promise<TextModel> {
  const { board, port, engine, kernels } = options as Record<string, string | undefined>;
  for (const target of ['board', 'port'])
    for (const local of ['engine', 'kernels']) atMostOne(options, [target, local]);
  if (board !== undefined || port !== undefined) return openTarget(io, { image, board, port });
  return load(image, { engine, kernels } as Parameters<typeof load>[1]);
}

/** Runs `work` on a model and closes it, whatever happens. */
export async function withModel<T>(
  io: Io,
  image: string,
  options: Readonly<Record<string, unknown>>,
  work: (model: TextModel) => Promise<T>,
): Promise<T> {
  const model = await openModel(io, image, options);
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}
