/** The page as text: nothing from a checkpoint becomes markup, nothing is fetched, only time differs. */
import type { Graph } from '../../src/graph/graph.js';
import { collectReport, renderReport, type Quality, type ReportData } from '../../src/report/index.js';
import { knownBoards } from '../../src/boards/registry.js';
import { HOSTILE, hostile } from './hostile.js';
import { quantizedGolden } from './models.js';

const boards = knownBoards();

async function dataOf(name: string, change?: (graph: Graph) => Graph): Promise<ReportData> {
  return collectReport(await quantizedGolden(name, change), { boards });
}

test.each(['text-cnn', 'lstm-tied'])('%s: hostile names, labels and tokens stay text', async (name) => {
  const plain = renderReport(await dataOf(name));
  const page = renderReport(await dataOf(name, hostile));
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;');
  const tags = (html: string) =>
    html.match(/<\/?[a-z][a-z0-9]*/gi)!.filter((tag) => !/^<\/?(text|circle|option)$/.test(tag));
  expect(tags(page)).toEqual(tags(plain));
  expect(HOSTILE).toContain('</script>');
});

test('the page asks for nothing and allows nothing but its own style and script', async () => {
  const page = renderReport(await dataOf('text-cnn'));
  expect(page).not.toMatch(/\b(src|href|srcset|action|poster)=/);
  expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|\bstyle="|\son[a-z]+="/);
  const policy = page.match(/Content-Security-Policy"\s+content="([^"]*)"/)![1]!.replaceAll('&#39;', "'");
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^';]+'; script-src 'sha256-[^';]+'; base-uri 'none'; form-action 'none'$/,
  );
});

test('only the part marked as measured differs from run to run', async () => {
  const data = await dataOf('text-cnn');
  const speed = {
    unit: 'sentences',
    count: 1000,
    seconds: 0.5,
    tokensEach: 7,
    engine: 'native, avx2',
    cpu: 'A',
  } as const;
  const pages = [
    renderReport({ ...data, speed }),
    renderReport({ ...data, speed: { ...speed, count: 777, seconds: 0.7, cpu: 'B <i>' } }),
  ];
  const measured = /<div class="measured" data-measured>.*?<\/div>/s;
  expect(pages[0]).toMatch(measured);
  expect(pages[0]).toContain('2,000');
  expect(pages[1]).toContain('B &lt;i&gt;');
  expect(pages[1]).not.toBe(pages[0]);
  expect(pages[1]!.replace(measured, '')).toBe(pages[0]!.replace(measured, ''));
});

test('quality is shown where it was measured, and how to measure it where not', async () => {
  const data = await dataOf('lstm-tied');
  expect(renderReport(data)).toMatch(/Not measured: give <code>--eval<\/code> a text/);
  const quality: Quality = {
    on: 'a text of 91,396 tokens',
    figures: [{ name: 'perplexity', float: 25.264, int8: 25.281, unit: 'number', better: 'lower' }],
  };
  const page = renderReport({ ...data, quality });
  expect(page).not.toContain('Not measured');
  for (const text of ['25.264', '25.281', '+0.067 %', '91,396 tokens']) expect(page).toContain(text);
});

test('a board without the room says what is lacking', async () => {
  const data = await dataOf('text-cnn');
  const small = { ram: 5000, ramAvailable: 4000, flash: 900, flashAvailable: 1000, fits: false };
  const page = renderReport({ ...data, boards: [{ name: 'tiny', title: 'a tiny one', need: small }] });
  expect(page).toContain('does not fit: lacks 1 kB of RAM<');
  expect(page).toContain('0 of 1');
});

test('a model of few tokens has no map, and the page says so', async () => {
  const data = await dataOf('text-cnn');
  const { embedding, ...rest } = data;
  expect(embedding).toBeDefined();
  const page = renderReport(rest);
  expect(page).toContain('too few tokens');
  expect(page).not.toContain('class="map"');
});
