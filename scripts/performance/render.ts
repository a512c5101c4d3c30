/** docs/performance.json → docs/performance.md. */
import type { BoardMemory, Boards, Case, GrowthPoint, HostCase, Results } from '../../src/bench/results.js';
import { type CpuLimits, scoringFloor } from './limits.js';

/** docs/performance.json */
export interface Performance extends Results {
  readonly limits: CpuLimits | null;
}

const TITLES: Record<HostCase, string> = {
  lm_step: '2×200 LSTM, 10,000 words: one token at a time through `generate` (greedy)',
  lm_step_avx2: 'the same with the AVX2 kernels (the peer cannot be held back, it uses all this CPU has)',
  lm_score: 'the same model scoring a text through `score`; the peer 35 tokens a call, log-softmax in its graph',
  textcnn: 'Text-CNN, D = 300, widths 3/4/5 × 100, 20 words: `classifySync` from token ids',
  rss: 'memory after loading the language model',
  load: 'loading the language model, the library being there already',
};

const FORMS: Readonly<Record<string, string>> = {
  ort_fp32: 'onnxruntime fp32',
  ort_int8_without_softmax: 'onnxruntime int8, logits only: no softmax, no score',
};

export function render(results: Performance): string {
  const { machine, host, boards, memory } = results;
  const cases = (Object.keys(TITLES) as HostCase[]).filter((name) => host[name]);
  const [before, after] = machine.load;
  return `# Performance

Written by \`npm run performance\` from \`docs/performance.json\`; \`linnet bench\` measures your machine the same way.

## On a computer

${machine.cpu}, ${machine.cores} cores, kernels ${machine.kernels}, Node.js ${machine.node}, onnxruntime-node ${machine.peer ?? 'not installed'}, ${machine.date}.
Load average ${before} at the start and ${after} at the end, of which the bench itself is 1. Contenders
take turns in one process, so that what disturbs one disturbs all, and a ratio is the median of the rounds' ratios; the
span of the rounds and the processor time, which others disturb less, are given beside it. Single thread on both sides, the
same random weights (imported once, quantized by each side its way), the peer with all its optimizations. Less is better;
ratios are theirs over ours.

${table(
  ['work', 'unit', 'linnet', 'onnxruntime int8', 'ratio', 'linnet CPU', 'peer CPU', 'ratio of CPU time'],
  cases.map((name) => caseRow(name, host[name]!)),
)}

Beside them:

${cases.flatMap((name) => Object.entries(host[name]!.others ?? {}).map(([form, value]) => `* \`${name}\`, ${FORMS[form] ?? form}: ${value} ${host[name]!.unit} (${host[name]!.cpu?.[form]} of CPU)`)).join('\n')}

${boundsSection(results)}
${results.growth ? growthSection(results.growth) : ''}
${sessionsSection(results)}
## On a board

Instructions as an emulator counts them (\`-icount\`): the same on every machine, and gates in the tests. They are not cycles.

${boardsSection(boards)}

${memorySection(memory)}
`;
}

function caseRow(name: HostCase, { unit, linnet, ort_int8, ratio, spread, cpu, cpu_ratio }: Case): string[] {
  const span = (of: string, value: number | undefined) =>
    value === undefined ? '–' : spread?.[of] ? `${value} (${spread[of][0]} … ${spread[of][1]})` : String(value);
  return [
    `${TITLES[name]} (\`${name}\`)`,
    unit,
    span('linnet', linnet),
    span('ort_int8', ort_int8),
    ...[ratio, cpu?.['linnet'], cpu?.['ort_int8'], cpu_ratio].map((v) => (v === undefined ? '–' : String(v))),
  ];
}

/** Why the figures are what they are, and what of the wanted ones cannot be had. */
function boundsSection({ limits, host }: Performance): string {
  const intro = `### What bounds them

A token of the language model is 2.64 million multiply-accumulates on 2.64 MB of weights. One token at a time every weight
is read for one use, so the last-level cache is the limit: see the lines below. Scoring reads the output layer and the
input matrices once for 32 tokens, and the limit is arithmetic: one 512-bit \`vpdpbusd\` is 64 multiply-accumulates. Only
the recurrent matrices have to be read again for each token, from the second-level cache, and a token's state is needed
before the next can begin.
`;
  const peer = host.lm_score?.ort_int8;
  if (!limits || peer === undefined) return intro;
  const { multiply, read } = scoringFloor(limits);
  const us = (value: number) => value.toFixed(1);
  const [floor, wanted] = [multiply + read, peer / 2];
  const verdict =
    floor > wanted
      ? `Twice the peer's speed would be ${us(wanted)} µs: **not to be had on this CPU**, for the peer already gets ${Math.round((100 * floor) / peer)} % of what it can do. The`
      : `Twice the peer's speed would be ${us(wanted)} µs. The`;
  return `${intro}
Measured on this CPU (\`native/bench/cpu_limits.cc\`): a \`vpdpbusd\` that nothing holds up takes ${limits.vnni_nanoseconds.toFixed(3)} ns, the
second-level cache gives ${Math.round(limits.l2_bytes_a_nanosecond)} bytes a nanosecond. So the multiplications that the tokens of a batch do together take
${us(multiply)} µs a token and reading the recurrent matrices ${us(read)} µs: at least ${us(floor)} µs before a logit is requantized, 10,000 exponentials
are added (exact integers, docs/numerics.md, 4) or a cell is updated.
${verdict} kernels' inner loops run at both limits; the rest of our time is requantization, exponentials and cells.
`;
}

function growthSection(points: readonly GrowthPoint[]): string {
  const rows = points.map((p) => [
    p.hidden_size.toLocaleString('en-US'),
    p.vocab_size.toLocaleString('en-US'),
    (p.weight_bytes / 1e6).toFixed(2),
    String(p.microseconds),
    String(p.floor_microseconds),
    Math.round(1e6 / p.microseconds).toLocaleString('en-US'),
  ]);
  return `### How cost grows

Greedy decoding of two LSTM layers. The dashed line is the least such a token can take: reading that many bytes again and
again with a loop of vector loads (a search for a byte that is not there), measured in the same process.

![µs a token over hidden size and vocabulary](performance.svg)

${table(['hidden size', 'words', 'MB of weights', 'µs a token', 'µs to read the weights', 'tokens/s'], rows)}
`;
}

function sessionsSection({ sessions, cold }: Results): string {
  const parts: string[] = [];
  if (sessions)
    parts.push(`### Many sessions, cold caches

${sessions.sessions.toLocaleString('en-US')} generations at once from one model (each must give the text that one alone gives): ${sessions.tokens_per_second.toLocaleString('en-US')} tokens/s
in all, against ${sessions.alone_tokens_per_second.toLocaleString('en-US')} of one alone. A session takes ${sessions.state_bytes.toLocaleString('en-US')} bytes of state and scratch; with its stream, queue and
promises the process grew by ${sessions.bytes_per_session.toLocaleString('en-US')} bytes a session. The weights are there once.
`);
  if (cold)
    parts.push(`A sentence classified when the caches hold something else (128 MB read in between) takes ${cold.cold_microseconds} µs, with warm caches ${cold.warm_microseconds}.
`);
  return parts.join('\n');
}

function boardsSection(boards: Boards): string {
  const rows = Object.entries(boards).flatMap(([board, kernels]) =>
    Object.entries(kernels).map(([kernel, { instructions, per_mac }]) => [
      board,
      kernel,
      instructions.toLocaleString('en-US'),
      per_mac === undefined ? '–' : String(per_mac),
    ]),
  );
  return rows.length === 0
    ? 'Not measured yet.'
    : table(['board', 'kernel', 'instructions', 'a multiply-accumulate'], rows);
}

function memorySection(memory: Readonly<Record<string, BoardMemory>>): string {
  const bytes = (n: number): string => n.toLocaleString('en-US');
  const ram = Object.entries(memory).flatMap(([board, { ram }]) =>
    Object.entries(ram).map(([model, r]) => [
      board,
      model,
      ...[r.state, r.scratch, r.workspace, r.buffers].map(bytes),
      `**${bytes(r.total)}**`,
      `${bytes(r.stack_used)} of ${bytes(r.stack_bytes)}`,
    ]),
  );
  const code = Object.entries(memory).map(([board, { code }]) => [board, bytes(code.firmware), bytes(code.minimal)]);
  return `### Memory of a board

Bytes of RAM to generate. State, scratch and the kernels' workspace are what the model's plan says; buffers are all other
data of the linked firmware: the queues of the serial line, the frame being received, the tokens of a prompt, and what
the link and the console remember. They follow from the longest message, \`uart.message_bytes\` of \`board.json\`. RAM
comes up painted, and what is no longer paint after a generation through the link is the stack that was used.

${table(['board', 'model', 'state', 'scratch', 'workspace', 'buffers', 'RAM', 'stack'], ram)}

Bytes of flash, code and constants. The engine is a program of its own, \`firmware/minimal\`: the ops of an LSTM language
model, tokenizer and sampler; its start-up code and serial line are counted too. Firmware with the ops of one's own models
only is smaller than the whole: [adding-a-board.md](adding-a-board.md#smaller-firmware).

${table(['board', 'firmware', 'engine with an LSTM language model'], code)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
