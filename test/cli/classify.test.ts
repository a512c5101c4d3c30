/** `linnet classify` in this process; test/e2e runs it as a program and on boards. */
import classify from '../../src/cli/commands/classify.js';
import { ONE_LINE, runIn } from './fake-io.js';

const CLASSIFIER = 'models/sst2-textcnn/sst2-textcnn.linnet';
const run = (args: string[], input?: string) => runIn([classify], ['classify', CLASSIFIER, ...args], { input });

test('praise is positive, a slating negative, and the probabilities add up', async () => {
  const { code, out } = await run(['a gorgeous, witty film', 'dull, loud and far too long', '--json']);
  expect(code).toBe(0);
  const [praise, slating] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; label: string; scores: Record<string, number> });
  expect(praise).toMatchObject({ text: 'a gorgeous, witty film', label: 'positive' });
  expect(slating).toMatchObject({ text: 'dull, loud and far too long', label: 'negative' });
  for (const { scores } of [praise!, slating!]) {
    expect(Object.keys(scores)).toEqual(['negative', 'positive']);
    expect(scores['negative']! + scores['positive']!).toBeCloseTo(1, 4);
  }
});

test('lines of standard input are classified like arguments; blank ones are passed over', async () => {
  const texts = ['a gorgeous, witty film', 'what a waste'];
  const fromArguments = await run([...texts, '--json']);
  expect(await run(['--json'], `${texts[0]}\r\n\n  \n${texts[1]}`)).toEqual(fromArguments);
});

test('for people it is label, probability and sentence, without control characters', async () => {
  expect((await run(['a gorgeous,\u001b[2J witty film'])).out).toMatch(
    /^positive +\d+\.\d % {2}a gorgeous,\ufffd\[2J witty film\n$/,
  );
});

test.each([
  ['no sentences', [], '\n \n'],
  ['nothing to work on', [''], ''],
  ['text is longer than the model takes', ['word '.repeat(65)], ''],
])('%s is one line', async (message, args, input) => {
  const { code, err } = await run(args, input);
  expect(code).toBe(1);
  expect(err).toMatch(ONE_LINE);
  expect(err).toContain(message);
});
