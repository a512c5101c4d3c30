/** Whether boards agree, in one line. */
import { compareResults } from '../../../src/cli/chat/agreement.js';

test.each([
  [
    [
      { name: 'a', result: [1, 2] },
      { name: 'b', result: [1, 2] },
    ],
    true,
    'all 2 boards agree token for token (2)',
  ],
  [
    [
      { name: 'a', result: [1, 2] },
      { name: 'b', result: [1, 3] },
      { name: 'c', result: [1, 2] },
    ],
    false,
    'b differs from a from token 2 on',
  ],
  [
    [
      { name: 'a', result: [1, 2] },
      { name: 'b', result: [1] },
    ],
    false,
    'b differs from a from token 2 on',
  ],
  [
    [
      { name: 'a', result: [1] },
      { name: 'b', result: undefined },
      { name: 'c', result: [1] },
    ],
    false,
    'all 2 boards that answered agree token for token (1); no answer from b',
  ],
  [[{ name: 'a', result: [1] }], true, 'only a answered'],
  [[{ name: 'a', result: undefined }], false, 'no board answered'],
])('%j', (results, agree, line) => {
  expect(compareResults(results, 'token')).toEqual({ agree, line });
});
