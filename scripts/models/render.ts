/** docs/models.json → docs/models.md. */
import type { Result } from './measure.js';
import { DATASETS, ROWS, type Row } from './rows.js';

export type Results = Readonly<Record<string, Result>>;

/** @param shipped names of the folders in models/ */
export function render(results: Results, shipped: ReadonlySet<string>): string {
  const measured = ROWS.filter(({ name }) => results[name]);
  const missing = ROWS.filter(({ name }) => !results[name]).map(({ name }) => name);
  const quality = measured.map((row) => qualityRow(row, results[row.name]!));
  const targets = measured.map((row) => targetRow(row, results[row.name]!, shipped.has(row.name)));
  return `# Models

Everything here is measured by \`npm run models\`, which writes this page (and \`docs/models.json\`, its data). It quantizes
each checkpoint from safetensors with the command line a user has, compares int8 with float on the test set, exports the
checkpoint through torch.onnx (\`models/train/export_onnx.py\`, nothing but torch.nn) and quantizes that, and asks every
engine the same questions: 40 seeded tokens, or the scores of 20 sentences. Rows whose corpus or whose PyTorch is not at hand
keep what was measured last.${missing.length > 0 ? ` Not measured yet: ${missing.join(', ')}.` : ''}

## Quality

Perplexity for language models (lower is better; it is by token, and tiny-lm's tokens are shorter than those of the other models
of books: their cards have bits per character), accuracy in % for classifiers.

${table(['model', 'architecture', 'test set', 'float', 'int8', 'int8 − float', 'published'], quality)}

${Object.entries(DATASETS)
  .map(([name, { title }]) => `${name}: ${title}.`)
  .join(' ')} The published figure is that of a float model of the same form.

## Where it runs

"same": every id or score equals those of the portable C++ kernels. Parameters are weights and biases; the image is the flash
a model takes, RAM its state and scratch.

${table(['model', 'shipped', 'safetensors', 'ONNX', 'native', 'TypeScript', 'board', 'parameters', 'image bytes', 'RAM bytes'], targets)}

ONNX "same integers": the export leads to an image with the same self-test digest, "same quality": to one whose figure on the
test set differs by less than 0.1 %. Models that are not shipped are made by the scripts in \`models/train\`, with their seeds:
\`npm run models -- --checkpoints <folder of theirs>\`.
`;
}

function qualityRow({ name, architecture, dataset, published }: Row, { quality }: Result): string[] {
  const perplexity = DATASETS[dataset].kind === 'text';
  const show = (value: number) => value.toFixed(perplexity ? 3 : 2);
  const change = ({ float, int8 }: NonNullable<typeof quality>) =>
    perplexity ? `× ${(int8 / float).toFixed(4)}` : (int8 - float).toFixed(2);
  return [
    name,
    architecture,
    dataset,
    ...(quality ? [show(quality.float), show(quality.int8), change(quality)] : ['', '', '']),
    published ? `${published.value} (${published.by})` : '–',
  ];
}

function targetRow({ name }: Row, result: Result, shipped: boolean): string[] {
  const same = (yes: boolean) => (yes ? 'same' : 'DIFFERS');
  const { board, onnx, native, reference, parameters, imageBytes, ramBytes } = result;
  return [
    name,
    shipped ? 'yes' : 'no',
    'yes',
    onnx ?? '',
    same(native),
    same(reference),
    board ? `${board.name}: ${same(board.same)}` : 'fits none',
    ...[parameters, imageBytes, ramBytes].map((n) => n.toLocaleString('en')),
  ];
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
