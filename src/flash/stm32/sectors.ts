/** Flash is erased in sectors (pages), numbered from its start. */
import type { Stm32Rom } from '../../boards/registry.js';
import type { Segment } from '../segments.js';

export interface Sector {
  readonly index: number;
  readonly address: number;
  readonly bytes: number;
}

export function sectorMap(origin: number, groups: Stm32Rom['sectors']): Sector[] {
  const map: Sector[] = [];
  let address = origin;
  for (const { count, bytes } of groups)
    for (let i = 0; i < count; i++, address += bytes) map.push({ index: map.length, address, bytes });
  return map;
}

/** Those that hold a byte of the segments, ascending. */
export function sectorsOf(map: readonly Sector[], segments: readonly Segment[]): Sector[] {
  return map.filter((sector) =>
    segments.some(
      ({ address, bytes }) => address < sector.address + sector.bytes && address + bytes.length > sector.address,
    ),
  );
}
