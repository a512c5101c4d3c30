/** Prints src/schema/tables.ts' constants. Run once: `npx tsx scripts/tables.ts > …`; kept for the record. */

function show(name: string, doc: string, values: number[]): string {
  const rows: string[] = [];
  for (let i = 0; i < values.length; i += 12) rows.push('  ' + values.slice(i, i + 12).join(', ') + ',');
  return `/** ${doc} */\nexport const ${name} = [\n  // prettier-ignore\n${rows.join('\n')}\n] as const;\n`;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

console.log(
  show(
    'SIGMOID',
    'sigmoid(i/32) in Q0.15, i = 0 … 256.',
    range(257).map((i) => Math.round(32768 * sigmoid(i / 32))),
  ),
);
console.log(
  show(
    'TANH',
    'tanh(i/32) in Q0.15, i = 0 … 256, at most 32767.',
    range(257).map((i) => Math.min(32767, Math.round(32768 * Math.tanh(i / 32)))),
  ),
);
console.log(
  show(
    'EXP_INTEGER',
    'exp(-i) in Q0.31, i = 0 … 31.',
    range(32).map((i) => Math.round(2 ** 31 * Math.exp(-i))),
  ),
);
console.log(
  show(
    'EXP_COARSE',
    'exp(-i/32) in Q0.31, i = 0 … 31.',
    range(32).map((i) => Math.round(2 ** 31 * Math.exp(-i / 32))),
  ),
);
console.log(
  show(
    'EXP_FINE',
    'exp(-i/1024) in Q0.31, i = 0 … 31.',
    range(32).map((i) => Math.round(2 ** 31 * Math.exp(-i / 1024))),
  ),
);
console.log(
  show(
    'LOG2',
    'log2(1 + i/256) in Q0.30, i = 0 … 256.',
    range(257).map((i) => Math.round(2 ** 30 * Math.log2(1 + i / 256))),
  ),
);
