/** Test sets, as the files `linnet eval` takes. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './linnet.js';
import { DATASETS, type Row } from './rows.js';

const CORPORA = process.env['LINNET_DATA'] ?? join(ROOT, '..', 'shared', 'data');
const PYTHON = '/usr/bin/python3';

/** Writes the test sets of the classifiers into `work`, with the split the training scripts hold out. */
export function writeTestSets(work: string): void {
  if (!existsSync(join(CORPORA, 'sentences'))) return;
  const script = join(ROOT, 'models', 'train', 'sentences.py');
  execFileSync(PYTHON, [script, '--data', CORPORA, '--out', work], { stdio: 'inherit' });
}

/** The arguments of `eval` that name the test set, or undefined where its corpus is not at hand. */
export function testSet({ dataset }: Row, work: string): readonly string[] | undefined {
  const { kind, file } = DATASETS[dataset];
  const path = [ROOT, CORPORA, work].map((folder) => join(folder, file)).find(existsSync);
  return path === undefined ? undefined : [`--${kind}`, path];
}
