/** The report in a real browser: pictures are there, neighbours show, nothing is fetched, nothing breaks out. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { knownBoards } from '../../src/boards/registry.js';
import { collectReport, renderReport } from '../../src/report/index.js';
import { hasChromium, launch } from './chromium.js';
import { visible } from '../../src/report/embedding-tokens.js';
import { HOSTILE, hostile } from './hostile.js';
import { quantizedGolden } from './models.js';

jest.setTimeout(180_000);

const MODELS = [
  { name: 'gutenberg-lm', layers: 4, evaluation: ['Once upon a time there was a king who had three sons.', ''] },
  {
    name: 'sst2-textcnn',
    layers: 7,
    evaluation: ['positive\ta gorgeous, witty film', '0\tdull and far too long', ''],
  },
] as const;

let folder: string;
let browser: Browser;
/** What must not happen while a page is open. */
let trouble: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-report-'));
  if (hasChromium) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(file: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  trouble = [];
  const url = `file://${file}`;
  page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => (trouble.push(`dialog: ${dialog.message()}`), void dialog.dismiss()));
  page.on('request', (request) => request.url() !== url && trouble.push(`request: ${request.url()}`));
  await page.goto(url);
  return page;
}

/** LINNET_SCREENSHOTS names a folder for pictures of what is tested here, to be looked at. */
async function picture(page: Page, name: string): Promise<void> {
  const to = process.env['LINNET_SCREENSHOTS'];
  if (to) mkdirSync(to, { recursive: true });
  const png = await page.screenshot({ fullPage: true, ...(to && { path: join(to, `${name}.png`) }) });
  expect(png.length).toBeGreaterThan(20_000);
}

async function expectVisible(pictures: Locator, count: number): Promise<void> {
  expect(await pictures.count()).toBe(count);
  for (const one of await pictures.all()) {
    const box = (await one.boundingBox())!;
    expect(box.width).toBeGreaterThan(50);
    expect(box.height).toBeGreaterThan(5);
    expect(await one.getAttribute('aria-label')).not.toBe('');
  }
}

const texts = async (locator: Locator): Promise<string[]> => locator.allTextContents();

(hasChromium ? describe : describe.skip).each(MODELS)('$name', ({ name, layers, evaluation }) => {
  let file: string;
  beforeAll(async () => {
    file = join(folder, `${name}.html`);
    const text = join(folder, `${name}.txt`);
    writeFileSync(text, evaluation.join('\n'));
    // A process of its own: Jest's sandbox makes t-SNE, all Math, twenty times slower.
    await promisify(execFile)(process.execPath, [
      ...['--import', 'tsx', 'src/cli/main.ts', 'quantize', `models/${name}`, '-o', join(folder, `${name}.linnet`)],
      ...['--eval', text, '--report', file],
    ]);
  });

  test.each([
    [1200, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels, %s: every picture is there and nothing overflows', async (width, scheme) => {
    const page = await open(file, width, scheme);
    await expectVisible(page.locator('#size svg.stack'), 1);
    await expectVisible(page.locator('#boards svg.bar'), 2 * knownBoards().length);
    await expectVisible(page.locator('#error svg.bar'), layers);
    expect(await page.locator('#error .fill').count()).toBe(layers);
    const histograms = await page.locator('#histograms .card').count();
    expect(histograms).toBe(layers);
    const figures = await page.locator('#histograms figure').count();
    expect(figures).toBeGreaterThan(layers);
    await expectVisible(page.locator('svg.histogram'), figures);
    for (const one of await page.locator('svg.histogram').all())
      expect(await one.locator('rect').count()).toBeGreaterThan(0);
    await expectVisible(page.locator('svg.map'), 2);
    expect(await page.locator('#quality svg.bar').count()).toBe(evaluation[0].includes('\t') ? 2 : 4);
    expect(await page.locator('[data-measured]').count()).toBe(1);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(paper).toBe(scheme === 'dark' ? 'rgb(20, 24, 28)' : 'rgb(251, 251, 249)');
    await picture(page, `${name}-${width}-${scheme}`);
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('both maps have a point a token, and pointing at one shows its neighbours in both', async () => {
    const page = await open(file, 1200, 'light');
    const tokens = await page.locator('#tokens option').count();
    expect(tokens).toBe(400);
    const [left, right] = await page.locator('svg.map').all();
    for (const map of [left!, right!]) expect(await map.locator('.point').count()).toBe(tokens);
    expect(await page.locator('.point.self').count()).toBe(0);

    const data = JSON.parse((await page.locator('#embedding-data').textContent())!) as Record<string, number[][]>;
    const changed = data['float']!.findIndex((list, i) => list.some((j) => !data['int8']![i]!.includes(j)));
    expect(changed).toBeGreaterThanOrEqual(0);
    const point = left!.locator(`.point[data-i="${changed}"]`);
    const token = await point.locator('title').textContent();
    await point.dispatchEvent('pointerover', { bubbles: true });
    expect(await texts(page.locator('#neighbours strong'))).toEqual([token]);
    const lists = await page.locator('#neighbours ol').all();
    expect(lists).toHaveLength(2);
    const near = await Promise.all(lists.map((list) => texts(list.locator('li'))));
    for (const list of near) expect(new Set(list).size).toBe(10);
    for (const map of [left!, right!]) {
      expect(await texts(map.locator('.point.self title'))).toEqual([token]);
      const marked = async (kind: string) => new Set(await texts(map.locator(`.point.${kind} title`)));
      expect(await marked('both')).toEqual(new Set(near[0]!.filter((text) => near[1]!.includes(text))));
      expect(await marked('only-float')).toEqual(new Set(near[0]!.filter((text) => !near[1]!.includes(text))));
      expect(await marked('only-int8')).toEqual(new Set(near[1]!.filter((text) => !near[0]!.includes(text))));
      expect(await map.locator('.found text').count()).toBeGreaterThan(0);
    }
    const both = near[0]!.filter((text) => near[1]!.includes(text)).length;
    expect(await page.locator('#neighbours p').textContent()).toBe(
      `${token}: ${both} of 10 nearest neighbours in both`,
    );
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('a real pointer finds points, a click keeps one, and a token can be typed', async () => {
    const page = await open(file, 1200, 'light');
    const strong = page.locator('#neighbours strong');
    const dot = page.locator('svg.map').last().locator('.point').last(); // the last lies above all others
    await dot.scrollIntoViewIfNeeded();
    const box = (await dot.boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    expect(await texts(strong)).toEqual([await dot.locator('title').textContent()]);
    const option = (await page.locator('#tokens option').nth(20).getAttribute('value'))!;
    await page.locator('#token').fill(option);
    expect(await texts(strong)).toEqual([option]);
    await page.locator('#token').press('Enter'); // the form sends nothing
    expect(page.url()).toBe(`file://${file}`);
    const map = (await page.locator('svg.map').first().boundingBox())!;
    await page.mouse.click(map.x + 3, map.y + 3);
    expect(await page.locator('.point.self').count()).toBe(0);
    expect(await texts(strong)).toEqual([]);
    expect(trouble).toEqual([]);
    await page.close();
  });
});

(hasChromium ? test : test.skip)('hostile names, labels and tokens do nothing and read as they are', async () => {
  const file = join(folder, 'hostile.html');
  writeFileSync(
    file,
    renderReport(await collectReport(await quantizedGolden('text-cnn', hostile), { boards: knownBoards() })),
  );
  const page = await open(file, 390, 'light');
  await page.locator('svg.map').first().locator('.point').first().dispatchEvent('pointerover', { bubbles: true });
  expect(await page.locator('#neighbours strong').textContent()).toContain(visible(HOSTILE));
  expect(await page.locator('h1').textContent()).toContain(HOSTILE);
  expect(await page.title()).toContain(HOSTILE);
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(2);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(trouble).toEqual([]);
  await page.close();
});
