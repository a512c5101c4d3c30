/** board.json of every board and docs/boards.json → docs/boards.md. */
import type { BoardSpec } from '../../src/boards/registry.js';
import { describeVerified, describeWay, size } from '../../src/boards/describe.js';
import { SENTENCE_WORDS, type Rate, type Rates } from './rates.js';

export function render(boards: readonly BoardSpec[], rates: Rates): string {
  return `# Boards

Made by \`npm run boards\` from \`firmware/boards/*/board.json\`, and from docs/boards.json, which it measures. \`linnet boards\`
shows the same facts and what is attached, \`linnet boards <name>\` one board's wiring. [adding-a-board.md](adding-a-board.md)
says how to add one.

"Verified" is the most real thing the board's firmware was seen working on. Nobody has run any of it on a physical board yet.
"built, not run": it compiles, its size and its vector table are checked, and that is all.

${overview(boards)}

"Model": the largest image, and the memory it lies in. "Upload": whether \`linnet upload\` can put another model beside the
live one, and how long it stays there.

## How fast

Engine ticks for a token of a language model (prompt counted), or for a sentence of ${SENTENCE_WORDS} words for a classifier,
and below them what that means at the clock of the real board. Where ticks are instructions the rate assumes one a cycle,
which no part quite reaches (memories wait, divisions and taken branches take longer), so it is an **estimate**, and a high
one. Where they are cycles, of a timing model as rp2040js has it, it still leaves out waits for flash. Empty: no room.

${speed(boards, rates)}

${boards.flatMap(({ name, notes = [] }) => notes.map((note) => `\\* ${name}: ${note}.`)).join('\n\n')}

${boards.map(chapter).join('\n\n')}
`;
}

function overview(boards: readonly BoardSpec[]): string {
  const rows = boards.map((board) => [
    `[${board.name}](#${board.name})`,
    board.title,
    [board.chip, board.cpu].filter((text) => text !== '' && text !== 'host').join(', ') || '–',
    size(board.flash.bytes),
    size(board.ram.bytes),
    `${size(board.image.bytes)} ${board.image.memory}`,
    board.image.upload ? { until_reset: 'until reset', for_good: 'for good' }[board.image.upload.keeps] : 'no',
    describeVerified(board),
  ]);
  return table(['board', 'what', 'chip', 'flash', 'RAM', 'model', 'upload', 'verified'], rows);
}

function speed(boards: readonly BoardSpec[], rates: Rates): string {
  const measured = boards.filter(({ name, clock_hz }) => rates[name] && clock_hz > 0);
  const models = [...new Set(measured.flatMap(({ name }) => Object.keys(rates[name]!)))].sort();
  const rows = models.map((model) => [model, ...measured.map((board) => cell(board, rates[board.name]![model]))]);
  const heads = measured.map(
    ({ name, chip, clock_hz, notes, ticks }) =>
      `${name}${notes ? '\\*' : ''}, ${chip === 'none' ? '' : `${clock_hz / 1e6} MHz, `}${ticks}`,
  );
  return table(['model', ...heads], rows);
}

function cell({ chip, clock_hz }: BoardSpec, rate: Rate | undefined): string {
  if (!rate) return '';
  const ticks = `${(rate.ticks / 1e6).toFixed(2)} M`;
  if (chip === 'none') return ticks;
  const perSecond = clock_hz / rate.ticks;
  const shown = perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2);
  return `${ticks}<br>≈ ${shown} ${rate.per === 'token' ? 'tokens' : 'sentences'}/s`;
}

function chapter(board: BoardSpec): string {
  const { name, title, chip, cpu, clock_hz, uart, usb = [], emulator, flashing } = board;
  const facts = [
    ...(clock_hz > 0 && chip !== 'none' ? [`${chip}, ${cpu}, ${clock_hz / 1e6} MHz.`] : []),
    `Serial line: ${uart.pins}; ${uart.baud} baud, 8N1.`,
    ...usb.map(({ vendor_id, product_id, what }) => `USB ${vendor_id}:${product_id}: ${what}.`),
    `Messages of up to ${uart.message_bytes} bytes.`,
    emulator ? `Emulated: \`linnet chat --board ${name}\`.` : 'No emulator.',
  ];
  const lines = [`## ${name}`, title + '.', facts.join(' ')];
  if (flashing) {
    lines.push('Flashing the real board:', flashing.steps.map((step, i) => `${i + 1}. ${step}`).join('\n'));
    lines.push(flashing.ways.map((way) => `- ${describeWay(name, way)}`).join('\n'));
  }
  return lines.join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
