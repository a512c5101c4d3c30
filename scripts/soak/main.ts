/**
 * `npm run soak -- [--minutes 30] [--board host …] [--seed 1]`: uses emulated boards for long, one after another, and
 * fails if anything was lost, wrong, or grew. A line a minute on stderr, the report as JSON on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findBoard } from '../../src/boards/registry.js';
import { soak, type SoakCounts } from '../../test/soak/soak.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      board: { type: 'string', multiple: true, default: ['host'] },
    },
  });
  const home = mkdtempSync(join(tmpdir(), 'linnet-soak-'));
  process.env['LINNET_HOME'] = home;
  try {
    for (const board of values.board.map(findBoard)) {
      let said = 0;
      const onVisit = (soFar: SoakCounts): void => {
        if (soFar.seconds < said + 60) return;
        said = soFar.seconds;
        process.stderr.write(`${board.name}: ${sentence(soFar)}\n`);
      };
      const report = await soak(board, { seconds: 60 * Number(values.minutes), seed: Number(values.seed), onVisit });
      process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
      process.stderr.write(
        `${board.name}: ${sentence(report)}${report.problems.map((one) => `\n  ${one}`).join('')}\n`,
      );
      if (report.problems.length > 0) process.exitCode = 1;
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function sentence({ seconds, visits, asked, answered, problems }: SoakCounts): string {
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  return (
    `${(seconds / 60).toFixed(1)} min, ${visits} visits, ` +
    `${sum(answered)} of ${sum(asked)} requests answered, ${problems.length} problems`
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
