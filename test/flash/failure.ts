import type { LinnetError } from '../../src/errors.js';

/** The error a promise must end with. */
export async function failure(promise: Promise<unknown>): Promise<LinnetError> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}
