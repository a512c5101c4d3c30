/** Intel HEX, which drives of debug probes and most tools take. */
import MemoryMap from 'nrf-intel-hex';
import type { Segment } from './segments.js';

/** Some loaders have room for 16 bytes a line and no more. */
const BYTES_A_LINE = 16;

/** @param segments ascending. @returns text, lines ended by a line feed */
export function encodeHex(segments: readonly Segment[]): Uint8Array {
  const map = new MemoryMap(segments.map(({ address, bytes }) => [address, bytes]));
  return new TextEncoder().encode(map.asHexString(BYTES_A_LINE) + '\n');
}
