import { knownBoards } from '../../boards/registry.js';
import { readImageFile } from '../../engine/read-image.js';
import { openImage } from '../../image/read.js';
import { summarize, type BoardNeed, type ImageSummary, type OpSummary } from '../../report/summary.js';
import { defineCommand } from '../command.js';
import { printable } from '../printable.js';
import { renderTable, thousands } from '../table.js';

export default defineCommand({
  name: 'inspect',
  summary: 'show what an image holds and what it needs',
  example: 'linnet inspect models/sst2-textcnn/sst2-textcnn.linnet',
  configure(command) {
    command.argument('<image>', 'a .linnet image');
  },
  async run(io, [image]) {
    const path = image as string;
    const summary = summarize(openImage(await readImageFile(path), path), knownBoards());
    if (io.json) io.emit(summary);
    else io.out.write(printable(render(summary)));
  },
});

function render(summary: ImageSummary): string {
  const { labels, metadata } = summary;
  const facts: [string, string][] = [
    ['name', summary.name],
    ['kind', summary.kind.replace('_', ' ')],
    ['parameters', thousands(summary.parameters)],
    ['bytes', thousands(summary.bytes)],
    ['sha256', summary.sha256],
    ['tokenizer', describeTokenizer(summary)],
    ...(labels.length > 0 ? [['labels', labels.join(', ')] as [string, string]] : []),
    ['state, scratch', `${thousands(summary.stateBytes)} + ${thousands(summary.scratchBytes)} bytes of RAM`],
    ...Object.entries(metadata)
      .filter(([key]) => key !== 'parameters')
      .map(([key, value]): [string, string] => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  ];
  const width = Math.max(...facts.map(([key]) => key.length));
  const ops = renderTable(['op', 'output', 'type', 'parameters', 'bytes'], summary.ops.map(opRow));
  const boards = renderTable(['board', 'RAM', 'of', 'flash', 'of', ''], Object.entries(summary.boards).map(boardRow));
  return `${facts.map(([key, value]) => `${key.padEnd(width)}  ${value}`).join('\n')}\n\n${ops}\n\n${boards}\n`;
}

function describeTokenizer({ tokenizer, vocabSize, wordNgrams, bucketCount }: ImageSummary): string {
  const tokens = `${tokenizer}, ${thousands(vocabSize - bucketCount)} tokens`;
  return wordNgrams === 1
    ? tokens
    : `${tokens}, ${thousands(bucketCount)} buckets of n-grams up to ${wordNgrams} words`;
}

function opRow({ op, shape, time, dtype, parameters, bytes }: OpSummary): string[] {
  const dims = shape.map((n, i) => (time && i === 0 && n > 1 ? `≤${n}` : String(n))).join('×');
  return [op, dims, dtype, parameters ? thousands(parameters) : '', bytes ? thousands(bytes) : ''];
}

function boardRow([name, need]: [string, BoardNeed]): string[] {
  const numbers = [need.ram, need.ramAvailable, need.flash, need.flashAvailable].map(thousands);
  return [name, ...numbers, need.fits ? 'fits' : 'does not fit'];
}
