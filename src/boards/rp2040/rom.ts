/**
 * A ROM for the emulated RP2040, our own: as much of the real one's interface as a firmware that writes its flash needs
 * (RP2040 Datasheet, 2.8.3). Each function is a breakpoint, at which the emulator does the work, and a return.
 */

/** ROM_FUNCTIONS[n] is what breakpoint n stands for. */
export const ROM_FUNCTIONS = ['IF', 'EX', 'RE', 'RP', 'FC'] as const;
export type RomFunction = (typeof ROM_FUNCTIONS)[number];

export const ROM_BYTES = 16384;

const VERSION_AT = 0x10;
const FUNCTION_TABLE_AT = 0x14;
const LOOKUP_AT = 0x18;
const LOOKUP = 0x20;
const FUNCTIONS = 0x40;
const TABLE = 0x80;

const BX_LR = 0x4770;
const BKPT = 0xbe00;
/** rom_table_lookup(table: r0, code: r1): pairs of code and address, ended by a code of 0. */
const LOOKUP_CODE = [
  0x8802, // ldrh r2, [r0]
  0x2a00, // cmp r2, #0
  0xd005, // beq not_found
  0x428a, // cmp r2, r1
  0xd001, // beq found
  0x3004, // adds r0, #4
  0xe7f8, // b lookup
  0x8840, // found: ldrh r0, [r0, #2]
  BX_LR,
  0x2000, // not_found: movs r0, #0
  BX_LR,
];

export function buildRom(): Uint32Array {
  const rom = new Uint32Array(ROM_BYTES / 4);
  const bytes = new DataView(rom.buffer);
  const put = (at: number, halfwords: readonly number[]): void =>
    halfwords.forEach((value, i) => bytes.setUint16(at + 2 * i, value, true));
  put(VERSION_AT, [0x754d, 0x0201]); // 'M', 'u', 1, version 2
  put(FUNCTION_TABLE_AT, [TABLE]);
  put(LOOKUP_AT, [LOOKUP | 1]);
  put(LOOKUP, LOOKUP_CODE);
  ROM_FUNCTIONS.forEach((code, i) => {
    put(FUNCTIONS + 4 * i, [BKPT | i, BX_LR]);
    put(TABLE + 4 * i, [code.charCodeAt(0) | (code.charCodeAt(1) << 8), (FUNCTIONS + 4 * i) | 1]);
  });
  return rom;
}

/**
 * CRC-32 of boot2 as the ROM computes it: polynomial 0x04c11db7, highest bit first, from all ones.
 * @param bytes the first 252 of flash
 */
export function boot2Crc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
}
