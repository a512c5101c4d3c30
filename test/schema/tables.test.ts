/** Every constant of the numerics against the formula docs/numerics.md gives for it. */
import * as tables from '../../src/schema/tables';

/** Table, its real function, fraction bits, largest value. */
const FORMULAS: [name: keyof typeof tables, length: number, f: (i: number) => number, scale: number, most: number][] = [
  ['SIGMOID', 257, (i) => 1 / (1 + Math.exp(-i / 32)), 2 ** 15, 2 ** 15],
  ['TANH', 257, (i) => Math.tanh(i / 32), 2 ** 15, 2 ** 15 - 1],
  ['EXP_INTEGER', 32, (i) => Math.exp(-i), 2 ** 31, 2 ** 31],
  ['EXP_COARSE', 32, (i) => Math.exp(-i / 32), 2 ** 31, 2 ** 31],
  ['EXP_FINE', 32, (i) => Math.exp(-i / 1024), 2 ** 31, 2 ** 31],
  ['LOG2', 257, (i) => Math.log2(1 + i / 256), 2 ** 30, 2 ** 30],
];

test.each(FORMULAS)('%s is its formula rounded to nearest', (name, length, f, scale, most) => {
  const expected = Array.from({ length }, (_, i) => Math.min(Math.round(f(i) * scale), most));
  expect([...tables[name]]).toEqual(expected);
});

test('no table is left out here', () => {
  expect(FORMULAS.map(([name]) => name).sort()).toEqual(Object.keys(tables).sort());
});

test('no entry lies so near a tie that doubles could round it wrongly', () => {
  for (const [name, length, f, scale, most] of FORMULAS)
    for (let i = 0; i < length; i++) {
      const exact = f(i) * scale;
      const distance = Math.abs(exact - Math.floor(exact) - 0.5);
      // An error of a few units in the last place of a double.
      if (exact < most && distance < exact * 2 ** -50) throw new Error(`${name}[${i}] is ${exact}`);
    }
});
