#!/usr/bin/env node
/** `npm test`: sets up what is missing, runs every test there is, ends with one line of totals. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { ROOT, SetupError } from './setup/run.mjs';
import { emulatedTests, fuzzers, jest, nativeTests, nodeCheck, QUICK_BUILD } from './test/runners.mjs';

const MUTATIONS = 10_000;

const RUNNERS = [
  ['types', nodeCheck('typescript/bin/tsc', '--noEmit')],
  ['lint', nodeCheck('eslint/bin/eslint.js', '.')],
  ['generated files', nodeCheck('tsx/dist/cli.mjs', 'scripts/generate.ts', '--check')],
  ['docs/boards.md', nodeCheck('tsx/dist/cli.mjs', 'scripts/boards/main.ts', '--check')],
  ['docs/models.md', nodeCheck('tsx/dist/cli.mjs', 'scripts/models/main.ts', '--check')],
  ['docs/performance.md', nodeCheck('tsx/dist/cli.mjs', 'scripts/performance/main.ts', '--check')],
  ['native tests', nativeTests('build-native')],
  [
    'native tests under ASan and UBSan',
    nativeTests('build-asan', ['-DLINNET_SANITIZE=address,undefined', ...QUICK_BUILD]),
  ],
  [`fuzzers, ${MUTATIONS} mutations each, under ASan and UBSan`, fuzzers('build-asan', MUTATIONS)],
  [
    'threads under TSan',
    nativeTests('build-tsan', ['-DLINNET_SANITIZE=thread', ...QUICK_BUILD], 'linnet_thread_tests'),
  ],
  ['native tests on AArch64, emulated', emulatedTests('aarch64', { 'cortex-a53': 'neonsmull', max: 'neonsdot' })],
  ['TypeScript tests', jest],
];

async function main() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of await setUp({ tests: true })) {
    process.stderr.write(`FAILED: set-up of ${step}\n`);
    total.failed++;
  }
  if (!existsSync(process.env.LINNET_DATA ?? join(ROOT, '../shared/data')))
    process.stderr.write(
      'NOTE: no corpora (set LINNET_DATA to their folder): tests on them are skipped or use the few sentences shipped\n',
    );
  for (const [title, runner] of RUNNERS) {
    process.stderr.write(`${title} …\n`);
    const started = performance.now();
    const {
      passed,
      failed,
      skipped = 0,
    } = await runner().catch((error) => {
      if (!(error instanceof SetupError)) throw error;
      process.stderr.write(`${error.message}: ${error.remedy}\n`);
      return { passed: 0, failed: 1 };
    });
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stderr.write(
      `  ${passed} passed, ${failed} failed${skipped ? `, ${skipped} SKIPPED` : ''} (${seconds} s)\n`,
    );
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main().catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}: ${error.remedy}\n`);
  process.exitCode = 1;
});
