/** Memory, threads and process end: each case in a process of its own, as a user's script would be. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { imagePath } from '../engine/images.js';

const ROOT = join(__dirname, '..', '..');
const SECONDS = 1000;

/** Runs a script that has `load`, `image`, `NativeModel` and `ENDLESS`; resolves with what it printed. */
async function run(script: string, ...flags: string[]): Promise<string> {
  const prelude = `
    const { load } = require('./src/engine/load.ts');
    const { NativeModel } = require('./src/engine/native.ts');
    const image = ${JSON.stringify(imagePath('lm-tied'))};
    const bytes = require('node:fs').readFileSync(image);
    const ENDLESS = { maxTokens: 1_000_000, temperature: 1, seed: 1 };`;
  const wrapped = `${prelude} (async () => { ${script} })().catch((error) => { console.error(error); process.exit(1); });`;
  const args = [...flags, '--import', 'tsx', '-e', wrapped];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 110 * SECONDS });
  return stdout.trim();
}

/**
 * Prints by how much resident memory grows over 6 rounds. The first 8 do not count: V8 and the allocator need them to
 * reach their working size, about 15 MB above the start, and stay there.
 */
const growth = (round: string): string => `
    for (let i = 0; i < 7; i++) await ${round};
    const before = await ${round};
    for (let i = 0; i < 5; i++) await ${round};
    console.log((await ${round}) - before);`;

test('a process with an open model and nothing left to do ends by itself', async () => {
  expect(await run(`await load(image); console.log('end');`)).toBe('end');
});

test('a generation that is dropped half-way does not keep the process', async () => {
  expect(await run(`const m = await load(image); await m.generate('the', ENDLESS).next(); console.log('end');`)).toBe(
    'end',
  );
});

test('a reader that waits gets its tokens though nothing but the addon knows of it', async () => {
  const script = `
    const { setImmediate: turn } = require('node:timers/promises');
    const read = async () => {
      const model = new NativeModel(bytes);
      for await (const t of model.generate('the', { ...ENDLESS, maxTokens: 3000 }));
      ended++;
    };
    let ended = 0;
    for (let i = 0; i < 50; i++) read();
    while (ended < 50) { gc(); await turn(); }
    console.log(ended);`;
  expect(await run(script, '--expose-gc')).toBe('50');
}, 120_000);

test('process.exit() in the middle of generations and scores is clean', async () => {
  const script = `
    const m = await load(image);
    for (let i = 0; i < 8; i++) (async () => { for await (const t of m.generate('the', ENDLESS)); })();
    m.score('the '.repeat(100000));
    setTimeout(() => { console.log('end'); process.exit(0); }, 50);`;
  expect(await run(script)).toBe('end');
});

test('worker threads may be terminated while they generate', async () => {
  const script = `
    const { Worker } = require('node:worker_threads');
    const file = require('./src/engine/native-addon.ts').addonFile();
    const body = \`
      const { parentPort, workerData } = require('node:worker_threads');
      const addon = require(workerData.file);
      const model = new addon.Model(workerData.bytes);
      const ids = new Uint16Array(64);
      for (let i = 0; i < 4; i++) {
        const g = new addon.Generation(model, 'the', 1000000, 4096, 0, i, false);
        g.onwake = () => { if (g.take(ids) > 0) { parentPort.postMessage(0); setImmediate(g.onwake); } };
        setImmediate(g.onwake);
      }
      const s = new addon.Scoring(model, 'the '.repeat(100000));
      (async () => { for (;;) await s.run(); })();
    \`;
    for (let round = 0; round < 20; round++) {
      const worker = new Worker(body, { eval: true, workerData: { file, bytes } });
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      if (round % 2) await new Promise((resolve) => setTimeout(resolve, round));
      await worker.terminate();
    }
    console.log('end');`;
  expect(await run(script)).toBe('end');
}, 120_000);

test('3,000 generations left early, aborted, dropped or read to the end leave no memory behind', async () => {
  const script = `
    const { setImmediate: turn } = require('node:timers/promises');
    const round = async (n) => {
      const m = new NativeModel(bytes);
      for (let i = 0; i < n; i++) {
        const prompt = 'the film '.repeat(200);
        if (i % 4 === 0) for await (const t of m.generate(prompt, ENDLESS)) break;
        if (i % 4 === 1) for await (const t of m.generate(prompt, { ...ENDLESS, maxTokens: 20 }));
        if (i % 4 === 2) {
          const aborter = new AbortController();
          const reading = (async () => { for await (const t of m.generate(prompt, { ...ENDLESS, signal: aborter.signal })) aborter.abort(); })();
          await reading.catch(() => {});
        }
        if (i % 4 === 3) await m.generate(prompt, ENDLESS).next();
      }
      await m.close();
      for (let i = 0; i < 10; i++) { gc(); await turn(); }
      return process.memoryUsage().rss;
    };
    ${growth('round(500)')}`;
  expect(Number(await run(script, '--expose-gc'))).toBeLessThan(3 * 2 ** 20);
}, 120_000);

test('3,000 models opened, used and closed or dropped leave no memory behind', async () => {
  const script = `
    const { setImmediate: turn } = require('node:timers/promises');
    const round = async () => {
      for (let i = 0; i < 500; i++) {
        const m = new NativeModel(bytes);
        await m.score('the film');
        if (i % 2) await m.close();
        if (i % 50 === 0) { gc(); await turn(); }
      }
      for (let i = 0; i < 10; i++) { gc(); await turn(); }
      return process.memoryUsage().rss;
    };
    ${growth('round()')}`;
  expect(Number(await run(script, '--expose-gc'))).toBeLessThan(3 * 2 ** 20);
}, 120_000);
