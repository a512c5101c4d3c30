import { attachedBoards } from '../../boards/attached.js';
import { knownBoards } from '../../boards/registry.js';
import { defineCommand } from '../command.js';
import { renderTable } from '../table.js';

export default defineCommand({
  name: 'boards',
  summary: 'list the boards: what they are, what they were verified on, which are attached',
  example: 'linnet boards',
  configure() {},
  async run(io) {
    const attached = await attachedBoards();
    const boards = knownBoards().map(({ name, title, chip, cpu, flash, ram, image, verified }) => ({
      name,
      title,
      chip,
      cpu,
      flash: flash.bytes,
      ram: ram.bytes,
      model: { bytes: image.bytes, memory: image.memory },
      verified,
      attached: attached.find(({ facts }) => facts.board === name)?.port ?? null,
    }));
    if (io.json) return io.emit(boards);
    const rows = boards.map(({ name, cpu, flash, ram, model, verified, attached }) => [
      name,
      cpu,
      size(flash),
      size(ram),
      `${size(model.bytes)} ${model.memory}`,
      verified,
      attached ?? '-',
    ]);
    io.out.write(renderTable(['board', 'cpu', 'flash', 'RAM', 'model', 'verified', 'attached'], rows) + '\n');
  },
});

/** In the largest unit that gives a whole number: 131072 → "128 KB" */
function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let unit = 0;
  for (; unit < units.length - 1 && bytes > 0 && bytes % 1024 === 0; unit++) bytes /= 1024;
  return `${bytes} ${units[unit]}`;
}
