/** The built program, run as a user runs it: a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const ROOT = join(__dirname, '..', '..');
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
export const LM = 'models/gutenberg-lm/gutenberg-lm.linnet';
/** Of 10,000 words: too large for boards with 1 MB. */
export const WORD_LM = 'models/ptb-lm/ptb-lm.linnet';
export const CLASSIFIER = 'models/sst2-textcnn/sst2-textcnn.linnet';
/** The one line a failure prints. */
export const ONE_LINE = /^linnet: [^\n]+ \([^\n]+\)(: [^\n]+)?\n$/;

export interface Ended {
  /** Exit code, or the signal's name. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output holds `text`. */
  sees(text: string): Promise<void>;
  /** Processes started by this one, directly or not, that still live. */
  descendants(): number[];
}

if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run "node scripts/setup.mjs" first');

export function start(command: string, args: readonly string[], input = ''): Running {
  const mark = `LINNET_TEST_RUN=${randomUUID()}`;
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, LINNET_TEST_RUN: mark.split('=')[1] } });
  let out = '';
  let err = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
    for (const check of watchers) check();
  });
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  child.stdin.on('error', () => {}); // it may not read at all
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ?? code!, out, err }));
  });
  const sees = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!out.includes(text)) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
      void ended.then(() => reject(new Error(`ended without saying "${text}": ${out}${err}`)));
    });
  return { child, ended, sees, descendants: () => processesWith(mark) };
}

/** Runs `linnet …` to its end. */
export function linnet(args: readonly string[], input?: string): Promise<Ended> {
  return start(process.execPath, [MAIN, ...args], input).ended;
}

/** `linnet … --json`: the objects it printed. Fails the test if it did. */
export async function linnetJson<T>(args: readonly string[], input?: string): Promise<T[]> {
  const { code, out, err } = await linnet([...args, '--json'], input);
  if (code !== 0) throw new Error(`linnet ${args.join(' ')} exited with ${code}: ${err}`);
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'environ'), 'utf8')
          .split('\0')
          .includes(mark);
      } catch {
        return false; // gone, or not ours
      }
    })
    .map(Number);
}

/** A file of the corpora, unpacked, or undefined, said loudly, where they are not. */
export function corpus(path: string): string | undefined {
  const file = join(process.env['LINNET_DATA'] ?? join(ROOT, '..', 'shared', 'data'), path);
  if (existsSync(file)) return gunzipSync(readFileSync(file)).toString('utf8');
  console.warn(`NO CORPUS ${path} (set LINNET_DATA to its folder)`);
  return undefined;
}
