import { surveyPorts, type SurveyedPort } from '../../boards/attached.js';
import { describeVerified, describeWay, size } from '../../boards/describe.js';
import { findBoard, knownBoards, type BoardSpec } from '../../boards/registry.js';
import { defineCommand, type Io } from '../command.js';
import { printable } from '../printable.js';
import { renderTable } from '../table.js';

export default defineCommand({
  name: 'boards',
  summary: 'list the boards: what they are, what they were verified on, which are attached',
  example: 'linnet boards pico',
  configure(command) {
    command.argument('[board]', 'one of them: its wiring, and how to flash it');
  },
  async run(io, [name]) {
    if (name !== undefined) return showOne(io, findBoard(name as string));
    const ports = await surveyPorts();
    const boards = knownBoards().map((board) => summary(board, ports));
    if (io.json) return io.emit(boards);
    const rows = boards.map(({ name, cpu, flash, ram, model, upload, verified, attached }) => [
      name,
      cpu,
      size(flash),
      size(ram),
      `${size(model.bytes)} ${model.memory}`,
      upload ?? '-',
      verified,
      attached ?? '-',
    ]);
    const heads = ['board', 'cpu', 'flash', 'RAM', 'model', 'upload', 'verified', 'attached'];
    io.out.write(renderTable(heads, rows) + '\n');
    for (const port of ports) if (!port.facts) io.note(silentPort(port));
  },
});

function summary(board: BoardSpec, ports: readonly SurveyedPort[]) {
  const { name, title, chip, cpu, flash, ram, image } = board;
  return {
    name,
    title,
    chip,
    cpu,
    flash: flash.bytes,
    ram: ram.bytes,
    model: { bytes: image.bytes, memory: image.memory },
    upload: image.upload ? { until_reset: 'until reset', for_good: 'for good' }[image.upload.keeps] : null,
    verified: describeVerified(board),
    attached: ports.find(({ facts }) => facts?.board === name)?.found.path ?? null,
  };
}

/** A port nothing answered on: perhaps a board that could be flashed. */
function silentPort({ found, error }: SurveyedPort): string {
  const { path, vendorId, productId, manufacturer, product } = found;
  const known = knownBoards().filter(({ usb }) =>
    usb?.some(({ vendor_id, product_id }) => vendor_id === vendorId && product_id === productId),
  );
  const who = [manufacturer, product].filter((word) => word !== undefined).join(' ');
  const ids = vendorId === undefined ? '' : ` (USB ${vendorId}:${productId}${who === '' ? '' : `, ${who}`})`;
  const perhaps = known.length > 0 ? `; perhaps a ${known.map(({ name }) => name).join(' or ')} to flash` : '';
  return printable(`${path}${ids}: ${error?.what ?? 'no board answers'}${perhaps}`);
}

function showOne(io: Io, board: BoardSpec): void {
  if (io.json) return io.emit(board);
  const { name, title, chip, cpu, clock_hz, flash, ram, image, uart, notes, flashing } = board;
  const lines = [
    `${name}: ${title}`,
    ...(clock_hz > 0 ? [`chip      ${chip}, ${cpu}, ${clock_hz / 1e6} MHz`] : []),
    `memory    ${size(flash.bytes)} flash, ${size(ram.bytes)} RAM; a model of up to ${size(image.bytes)} in ${image.memory}`,
    `serial    ${uart.pins}; ${uart.baud} baud, 8N1`,
    `verified  ${describeVerified(board)}`,
    ...(notes ?? []).map((note, i) => `${i === 0 ? 'note      ' : '          '}${note}`),
    ...(flashing?.steps.map((step, i) => `${i === 0 ? 'flashing  ' : '          '}${i + 1}. ${step}`) ?? []),
    ...(flashing?.ways.map((way) => `          ${describeWay(name, way).replaceAll('`', '')}`) ?? []),
  ];
  io.out.write(lines.join('\n') + '\n');
}
