import { benchHost, HOST_CASES } from '../../bench/host.js';
import type { Case, HostCase } from '../../bench/results.js';
import { defineCommand } from '../command.js';
import { integer, oneOf } from '../options.js';
import { renderTable } from '../table.js';

export default defineCommand({
  name: 'bench',
  summary: 'measure this machine, side by side with onnxruntime-node where it is installed',
  example: 'linnet bench --rounds 5',
  configure(command) {
    const parse = oneOf('cases', HOST_CASES);
    command
      .argument(
        '[case...]',
        `what to measure: ${HOST_CASES.join(', ')} (default: all)`,
        (value: string, before: readonly HostCase[] | undefined) => [...(before ?? []), parse(value)],
      )
      .option('--rounds <n>', 'rounds of each case; the median counts', integer('--rounds', 1, 1000), 9)
      .option('--others', 'other forms of the peer too: fp32, scoring without the softmax');
  },
  async run(io, [cases], { rounds, others }) {
    const chosen = cases as unknown as readonly HostCase[];
    const { machine, host } = await benchHost({
      cases: chosen.length > 0 ? chosen : HOST_CASES,
      rounds: rounds as number,
      others: others === true,
      onCase: (name) => io.note(`${name} …`),
      signal: io.signal,
    });
    if (machine.peer === undefined)
      io.note('onnxruntime-node is not installed: only linnet was measured ("npm install onnxruntime-node" brings it)');
    if (io.json) return io.emit({ host, boards: {}, machine });
    const rows = Object.entries(host).map(([name, result]) => row(name, result));
    io.out.write(
      renderTable(['case', 'unit', 'linnet', 'onnxruntime int8', 'ratio', 'ratio of CPU time'], rows) + '\n',
    );
    for (const [name, { others }] of Object.entries(host))
      for (const [form, value] of Object.entries(others ?? {})) io.out.write(`${name}, ${form}: ${value}\n`);
  },
});

function row(name: string, { unit, linnet, ort_int8, ratio, cpu_ratio }: Case): string[] {
  return [name, unit, linnet, ort_int8, ratio, cpu_ratio].map((cell) => String(cell ?? '-'));
}
