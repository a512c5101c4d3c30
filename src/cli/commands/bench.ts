import { benchBoards } from '../../bench/boards.js';
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
      .option('--more', 'how time grows with size, 1,000 sessions at once, cold caches: some minutes')
      .option('--boards', 'emulated boards too: instruction counts of the kernels, RAM and code bytes')
      .option('--others', 'other forms of the peer too: fp32, scoring without the softmax');
  },
  async run(io, [cases], { rounds, others, more, boards: withBoards }) {
    const chosen = cases as unknown as readonly HostCase[];
    const results = await benchHost({
      cases: chosen.length > 0 ? chosen : HOST_CASES,
      rounds: rounds as number,
      others: others === true,
      more: more === true,
      onCase: (name) => io.note(`${name} …`),
      signal: io.signal,
    });
    const { boards, memory } = withBoards
      ? await benchBoards({
          onBoard: ({ name }) => io.note(`${name} …`),
          onMissing: (error) => io.note(error.message),
          signal: io.signal,
        })
      : { boards: {}, memory: {} };
    const { host, machine, sessions, cold, growth } = results;
    if (machine.peer === undefined)
      io.note('onnxruntime-node is not installed: only linnet was measured ("npm install onnxruntime-node" brings it)');
    if (io.json) return io.emit({ ...results, boards, memory });
    const rows = Object.entries(host).map(([name, result]) => row(name, result));
    io.out.write(
      renderTable(['case', 'unit', 'linnet', 'onnxruntime int8', 'ratio', 'ratio of CPU time'], rows) + '\n',
    );
    for (const [name, { others }] of Object.entries(host))
      for (const [form, value] of Object.entries(others ?? {})) io.out.write(`${name}, ${form}: ${value}\n`);
    for (const [board, kernels] of Object.entries(boards))
      for (const [kernel, { instructions, per_mac }] of Object.entries(kernels))
        io.out.write(`${board}, ${kernel}: ${instructions} instructions${per_mac ? `, ${per_mac} a MAC` : ''}\n`);
    for (const [board, { code, ram }] of Object.entries(memory)) {
      io.out.write(`${board}: ${code.firmware} bytes of flash, of an LSTM language model alone ${code.minimal}\n`);
      for (const [model, { total, buffers, stack_used, stack_bytes }] of Object.entries(ram))
        io.out.write(
          `${board}, ${model}: ${total} bytes of RAM, ${buffers} of them buffers; stack ${stack_used} of ${stack_bytes}\n`,
        );
    }
    if (sessions)
      io.out.write(
        `${sessions.sessions} sessions at once: ${sessions.tokens_per_second} tokens/s, ` +
          `${sessions.bytes_per_session} bytes of memory each; alone ${sessions.alone_tokens_per_second} tokens/s\n`,
      );
    if (cold)
      io.out.write(`a sentence: ${cold.cold_microseconds} µs from cold caches, ${cold.warm_microseconds} warm\n`);
    for (const { hidden_size, vocab_size, microseconds, floor_microseconds } of growth ?? [])
      io.out.write(`2×${hidden_size}, ${vocab_size} words: ${microseconds} µs, reading alone ${floor_microseconds}\n`);
  },
});

function row(name: string, { unit, linnet, ort_int8, ratio, cpu_ratio }: Case): string[] {
  return [name, unit, linnet, ort_int8, ratio, cpu_ratio].map((cell) => String(cell ?? '-'));
}
