/** `linnet bench`: the object it prints, and what it refuses. */
import bench from '../../src/cli/commands/bench.js';
import { ONE_LINE, runIn } from './fake-io.js';

test('a case it does not know is a usage error that lists those it does', async () => {
  const { code, err } = await runIn([bench], ['bench', 'speed']);
  expect(code).not.toBe(0);
  expect(err).toMatch(ONE_LINE);
  expect(err).toContain('lm_step, lm_score, lm_step_avx2, textcnn, rss, load');
});
