/** Answers side by side: widths, breaks, what does not fit. */
import { layOut, type Column } from '../../../src/cli/chat/columns.js';
import { padText, textWidth, wrapText } from '../../../src/cli/chat/text-width.js';

const plain = { title: (text: string) => text, ending: (text: string) => text };
const column = (title: string, text: string, ending?: string): Column => ({ title, text, ending });

test('two columns of the same width, filled up, with title and ending', () => {
  const lines = layOut([column('one', 'the quick brown fox jumps', '5 tokens'), column('two', 'a')], 60, plain);
  expect(lines).toEqual([
    'one                          │ two',
    'the quick brown fox jumps    │ a',
    '5 tokens                     │ …',
  ]);
});

test('no line is wider than the terminal, whatever the texts are', () => {
  const text = 'wörter 漢字漢字漢字漢字漢字漢字漢字 👩‍👩‍👧 abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n\ttab';
  for (const width of [23, 40, 60, 79, 100, 133])
    for (let count = 1; count <= 9; count++) {
      const columns = Array.from({ length: count }, (_, i) => column(`board ${i}`, text.repeat(3), 'x'.repeat(90)));
      for (const line of layOut(columns, width, plain)) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }
});

test('columns that are not wide enough go below each other', () => {
  const columns = ['a', 'b', 'c'].map((name) => column(name, name, 'end'));
  const lines = layOut(columns, 50, plain);
  expect(lines.filter((line) => line.includes('│'))).toHaveLength(3); // two beside each other, in three lines
  expect(lines).toContain('');
  expect(layOut(columns, 24, plain)).toEqual(['a', 'a', 'end', '', 'b', 'b', 'end', '', 'c', 'c', 'end']);
});

test('of texts longer than the screen the end is shown', () => {
  const long = Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n');
  const lines = layOut([column('a', long), column('b', 'short')], 60, plain, 10);
  expect(lines).toHaveLength(10);
  expect(lines.join('\n')).toContain('line 99');
  expect(lines.join('\n')).not.toContain('line 80');
  expect(layOut([column('a', long)], 60, plain)).toHaveLength(102);
  const many = Array.from({ length: 12 }, (_, i) => column(`board ${i}`, long));
  for (const height of [1, 5, 14, 23, 50]) expect(layOut(many, 79, plain, height).length).toBeLessThanOrEqual(height);
});

test('text breaks at spaces, and within a word only if it must', () => {
  expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapText('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrapText(' one', 7)).toEqual([' one']);
  expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(wrapText('a\n\nb', 4)).toEqual(['a', '', 'b']);
  expect(wrapText('漢字漢', 4)).toEqual(['漢字', '漢']);
});

test('wide characters and emoji take two columns, marks none', () => {
  expect(['a', 'é', 'e\u0301', '漢', '👍', '👩‍👩‍👧', '❤️'].map(textWidth)).toEqual([1, 1, 1, 2, 2, 2, 2]);
  expect(padText('漢', 4)).toBe('漢  ');
});
