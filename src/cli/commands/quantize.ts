import { join, resolve } from 'node:path';
import { knownBoards } from '../../boards/registry.js';
import { load } from '../../engine/load.js';
import { nativeFloatKernels } from '../../engine/native-addon.js';
import { LinnetError } from '../../errors.js';
import { placeOf, type ImportOptions } from '../../import/model.js';
import { openImage } from '../../image/read.js';
import {
  quantizeModel,
  type LayerReport,
  type QuantizationReport,
  type QuantizeOptions,
} from '../../quantize/index.js';
import { summarize, type BoardNeed } from '../../report/summary.js';
import { defineCommand, type Io } from '../command.js';
import { expectWritable, readText, writeFileWhole } from '../files.js';
import { openFloat } from '../float.js';
import { parseLabelled } from '../labelled.js';
import { printable } from '../printable.js';
import { startProgress } from '../progress.js';
import { makeReport } from '../report.js';
import {
  describeQuality,
  judgeImage,
  labelledQuality,
  textQuality,
  type LabelledQuality,
  type TextQuality,
} from '../quality.js';
import { renderTable, thousands } from '../table.js';

interface Options {
  readonly output?: string;
  readonly calibrate?: string;
  readonly eval?: string;
  readonly tokenizer?: string;
  readonly report?: string;
}

export default defineCommand({
  name: 'quantize',
  summary: 'turn a checkpoint, an ONNX file or a model of fastText into an int8 image',
  example: 'linnet quantize models/gutenberg-lm -o gutenberg-lm.linnet --eval models/gutenberg-lm/heldout.txt',
  configure(command) {
    command
      .argument(
        '<model>',
        'folder with config.json, model.safetensors and tokenizer.json, an .onnx file, or a .bin of fastText',
      )
      .option('-o, --output <file>', 'the image to write (default: <its name>.linnet in its folder)')
      .option(
        '--calibrate <file>',
        'typical text, a sentence a line for a classifier (default: calibration.txt or heldout.txt there)',
      )
      .option('--tokenizer <file>', 'tokenizer.json of an .onnx file (default: the one beside it)')
      .option('--eval <file>', 'compare int8 with float on a text, or on lines "label<TAB>text" for a classifier')
      .option(
        '--report <file>',
        'write a page of pictures: sizes, boards, errors, histograms, a map of the embeddings',
      );
  },
  async run(io, [model], options) {
    const path = model as string;
    const { dir, name } = placeOf(path);
    const {
      output = join(dir, `${name}.linnet`),
      calibrate,
      eval: evalFile,
      tokenizer,
      report: page,
    } = options as Options;
    // Everything that can be wrong is found before the slow part.
    const calibration = calibrate === undefined ? undefined : readText(calibrate);
    const evalText = evalFile === undefined ? undefined : readText(evalFile);
    if (options['output'] !== undefined) expectWritable(output);
    if (page !== undefined) expectPage(page, output);
    const quantized = await calibrated(io, path, { calibration, tokenizer });
    const { image, report } = quantized;
    writeFileWhole(output, image);
    const quality =
      evalText === undefined ? undefined : await compare(io, path, { tokenizer }, image, evalText, evalFile!);
    if (page !== undefined) writeFileWhole(page, await makeReport(io, quantized, quality), '--report');
    const { boards, ram, sha256 } = summarize(openImage(image, output), knownBoards());
    if (io.json)
      return io.emit({
        ...{ image: output, bytes: image.length, sha256, ram, ...quality, report },
        ...(page !== undefined && { page }),
      });
    io.out.write(printable(render(report, boards, quality)));
    io.note(`wrote ${output}`);
    if (page !== undefined) io.note(`wrote ${page}: open it in a browser`);
  },
});

function expectPage(page: string, output: string): void {
  if (resolve(page) === resolve(output))
    throw new LinnetError('usage', 'the image would overwrite the report', '--report', 'give two different files');
  expectWritable(page, '--report');
}

async function calibrated(io: Io, path: string, options: Pick<QuantizeOptions, 'calibration' | 'tokenizer'>) {
  const progress = startProgress(io, 'calibrating');
  try {
    const kernels = nativeFloatKernels();
    return await quantizeModel(path, { ...options, kernels, signal: io.signal, onProgress: progress.update });
  } finally {
    progress.stop();
  }
}

async function compare(
  io: Io,
  path: string,
  options: ImportOptions,
  image: Uint8Array,
  text: string,
  file: string,
): Promise<TextQuality | LabelledQuality> {
  const model = await load(image);
  try {
    const judged = { int8: judgeImage(model), float: await openFloat(path, options) };
    const { kind, labels } = model.info;
    if (kind === 'language_model') return await textQuality(io, text, judged);
    return await labelledQuality(io, parseLabelled(text, labels, file), labels, judged);
  } finally {
    await model.close();
  }
}

function render(
  report: QuantizationReport,
  boards: Readonly<Record<string, BoardNeed>>,
  quality: TextQuality | LabelledQuality | undefined,
): string {
  const { weights, biases, multipliers, tokenizer, other, total } = report.bytes;
  const parts = { weights, biases, scales: multipliers, tokenizer, other };
  const calibration = `${thousands(report.calibration.tokens)} tokens, ${CALIBRATION[report.calibration.source]}`;
  const needs = Object.entries(boards).map(([name, need]) => [
    name,
    ...[need.ram, need.ramAvailable, need.flash, need.flashAvailable].map(thousands),
    need.fits ? 'fits' : 'does not fit',
  ]);
  return (
    [
      renderTable(['layer', 'op', 'output', 'parameters', 'bytes', 'SQNR dB', 'clipped'], report.layers.map(layerRow)),
      `${report.name}: ${thousands(report.parameters)} parameters, ${thousands(total)} bytes (${Object.entries(parts)
        .map(([name, bytes]) => `${name} ${thousands(bytes)}`)
        .join(', ')})\ncalibrated on ${calibration}`,
      renderTable(['board', 'RAM', 'of', 'flash', 'of', ''], needs),
      ...(quality ? [describeQuality(quality)] : []),
    ].join('\n\n') + '\n'
  );
}

const CALIBRATION = {
  given: 'the text given',
  'calibration.txt': 'calibration.txt of the checkpoint',
  'heldout.txt': 'heldout.txt of the checkpoint',
  random: 'random for want of a text: give one with --calibrate',
} as const;

function layerRow({ name, op, shape, parameters, bytes, sqnr, clipped }: LayerReport): string[] {
  return [
    name,
    op,
    shape.join('×'),
    parameters ? thousands(parameters) : '',
    bytes ? thousands(bytes) : '',
    sqnr.toFixed(1),
    clipped > 0 ? `${(100 * clipped).toFixed(3)} %` : '',
  ];
}
