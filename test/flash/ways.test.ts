/** Which way a board is flashed, what its board.json says of that, and what fits. */
import { findBoard, knownBoards, type BoardSpec } from '../../src/boards/registry.js';
import { expectFits } from '../../src/flash/fit.js';
import { chooseWay } from '../../src/flash/flash.js';
import { sectorMap, sectorsOf } from '../../src/flash/stm32/sectors.js';
import { segmentsFor } from '../../src/flash/segments.js';
import { openImage } from '../../src/image/read.js';
import { tinyModel } from '../boards/tiny-model.js';

const netduino = findBoard('netduinoplus2');
const board: BoardSpec = {
  ...netduino,
  flashing: {
    steps: [],
    ways: [
      { way: 'tool', program: 'first', args: [] },
      { way: 'uf2', family_id: '0x1', volume: 'A' },
      { way: 'hex_drive', volume: 'B' },
      { way: 'tool', program: 'second', args: [] },
      { way: 'stm32_rom', product_id: '0x413', sectors: [{ count: 1, bytes: 1024 }], baud: 9600 },
    ],
  },
};

test('a port, a drive and a program each take the first way of their kind; program before drive before port', () => {
  expect(chooseWay(board, { port: '/dev/x' })).toMatchObject({ way: 'stm32_rom' });
  expect(chooseWay(board, { drive: true })).toMatchObject({ way: 'uf2' });
  expect(chooseWay(board, { drive: '/media/x', port: '/dev/x' })).toMatchObject({ way: 'uf2' });
  expect(chooseWay(board, { tool: 'second', port: '/dev/x' })).toMatchObject({ program: 'second' });
});

test('with nothing said it is the first that needs no port', () => {
  expect(chooseWay(board, {})).toMatchObject({ program: 'first' });
  const ways = board.flashing!.ways;
  const reversed = { ...board, flashing: { steps: [], ways: [...ways].reverse() } };
  expect(chooseWay(reversed, {})).toMatchObject({ program: 'second' });
});

test.each([
  [board, { tool: 'third' }, '--with', 'say --with first or --drive or --with second or --port PATH'],
  [{ ...board, flashing: { steps: [], ways: board.flashing!.ways.slice(4) } }, {}, 'flash', 'say --port PATH'],
] as const)('what is not known is refused with the ways there are (%#)', (spec, target, where, remedy) => {
  expect(() => chooseWay(spec, target)).toThrow(expect.objectContaining({ code: 'usage', where, remedy }));
});

test('a board that has no way says so, and that -o is one', () => {
  expect(() => chooseWay(findBoard('host'), { port: '/dev/x' })).toThrow(
    expect.objectContaining({ code: 'usage', remedy: expect.stringContaining('-o') }),
  );
});

describe.each(knownBoards().flatMap((each) => (each.flashing ? [[each.name, each] as const] : [])))(
  'board.json of %s',
  (_name, each) => {
    const { steps, ways } = each.flashing!;

    test('has steps and ways', () => {
      expect(steps.length).toBeGreaterThan(0);
      expect(ways.length).toBeGreaterThan(0);
    });

    test('keeps its model where flashing reaches', () => {
      expect(() => segmentsFor(each, new Uint8Array(64), new Uint8Array(64))).not.toThrow();
    });

    test.each(ways.map((way) => [way.way, way] as const))('%s is complete', (_way, way) => {
      switch (way.way) {
        case 'uf2':
          expect(way.family_id).toMatch(/^0x[0-9a-f]{8}$/);
          expect(each.flash.origin % 4096).toBe(0);
          expect(each.image.origin % 4096).toBe(0);
          break;
        case 'stm32_rom': {
          expect(way.product_id).toMatch(/^0x[0-9a-f]{3}$/);
          const map = sectorMap(each.flash.origin, way.sectors);
          const end = each.image.origin + each.image.bytes;
          expect(each.flash.origin).toBe(0x0800_0000); // the ROM counts sectors from there
          expect(map.at(-1)!.address + map.at(-1)!.bytes).toBeGreaterThanOrEqual(end);
          // No sector holds both: a model can be replaced without the firmware.
          expect(map.some(({ address }) => address === each.image.origin)).toBe(true);
          break;
        }
        case 'hex_drive':
          expect(way.volume).toMatch(/./);
          break;
        case 'tool': {
          const placeholders: string[] = way.args.join(' ').match(/\{\w+\}/g) ?? [];
          expect(placeholders.filter((name) => !['{bin}', '{hex}', '{uf2}', '{address}'].includes(name))).toEqual([]);
          expect(placeholders.filter((name) => name !== '{address}')).toHaveLength(1);
          if (placeholders.includes('{uf2}')) expect(way.uf2_family).toMatch(/^0x[0-9a-f]{8}$/);
        }
      }
    });
  },
);

test('sectors: those that hold a byte of what is written, and no others', () => {
  const map = sectorMap(0x1000, [
    { count: 2, bytes: 0x100 },
    { count: 1, bytes: 0x400 },
  ]);
  expect(map.map(({ index, address }) => [index, address])).toEqual([
    [0, 0x1000],
    [1, 0x1100],
    [2, 0x1200],
  ]);
  const hit = (address: number, length: number): number[] =>
    sectorsOf(map, [{ address, bytes: new Uint8Array(length) }]).map(({ index }) => index);
  expect(hit(0x1000, 0x100)).toEqual([0]);
  expect(hit(0x10ff, 2)).toEqual([0, 1]);
  expect(hit(0x1100, 0)).toEqual([]);
  expect(hit(0x15ff, 9)).toEqual([2]);
});

test('where uploads last, what lies between firmware and model is erased too: the record of which is live', () => {
  const pico = findBoard('pico');
  const [firmware] = segmentsFor(pico, new Uint8Array(100), new Uint8Array(64));
  expect(pico.image.upload?.keeps).toBe('for_good');
  expect(firmware.address + firmware.bytes.length).toBe(pico.image.origin);
  expect(firmware.bytes.subarray(100).every((byte) => byte === 0xff)).toBe(true);
  expect(segmentsFor(netduino, new Uint8Array(100), new Uint8Array(64))[0].bytes).toHaveLength(100);
});

test('a model that needs more RAM than there is, is refused with the bytes missing and the boards that have them', () => {
  const image = openImage(tinyModel(1), 'tiny');
  const small: BoardSpec = { ...netduino, ram: { ...netduino.ram, arena_bytes: 160 } };
  expect(() => expectFits(small, image)).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      what: 'the model takes 176 bytes of RAM and there are 160: 16 too many',
      remedy: expect.stringMatching(/board with room for it: .*netduinoplus2/),
    }),
  );
  expect(() => expectFits(netduino, image)).not.toThrow();
});

test('a model that is too big is not sent to a board that has the flash for it but not the RAM', () => {
  const image = openImage(tinyModel(1, 2_000_000), 'tiny');
  const hungry = Object.assign(image, { header: { ...image.header, state_bytes: 100_000 } });
  const small = findBoard('hifive1');
  expect(small.image.bytes).toBeGreaterThan(image.bytes.length);
  expect(() => expectFits(netduino, hungry)).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      what: expect.stringMatching(/takes 2016\d\d\d bytes of flash and there are 983040: \d+ too many/),
      remedy: expect.not.stringContaining('hifive1'),
    }),
  );
});
