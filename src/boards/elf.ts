/** An ELF file around bytes of memory, for emulators that load nothing else into flash. */

const ELF_HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
/** ELF specification 1.2: ELFCLASS32, ELFDATA2LSB, EV_CURRENT; ET_EXEC; EM_RISCV; PT_LOAD; PF_R | PF_X. */
const IDENTITY = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1];
const EXECUTABLE = 2;
const RISCV = 243;
const LOAD = 1;
const READ_EXECUTE = 5;

/**
 * @param address where the bytes lie, and where execution begins
 * @returns a 32-bit little-endian RISC-V executable of one segment
 */
export function elfFile(address: number, bytes: Uint8Array): Uint8Array {
  const start = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const file = new Uint8Array(start + bytes.length);
  const view = new DataView(file.buffer);
  file.set(IDENTITY);
  view.setUint16(16, EXECUTABLE, true);
  view.setUint16(18, RISCV, true);
  view.setUint32(20, 1, true); // version
  view.setUint32(24, address, true); // entry
  view.setUint32(28, ELF_HEADER_BYTES, true); // where the program headers are
  view.setUint16(40, ELF_HEADER_BYTES, true);
  view.setUint16(42, PROGRAM_HEADER_BYTES, true);
  view.setUint16(44, 1, true); // one of them
  const segment = [LOAD, start, address, address, bytes.length, bytes.length, READ_EXECUTE, 1];
  segment.forEach((word, i) => view.setUint32(ELF_HEADER_BYTES + 4 * i, word, true));
  file.set(bytes, start);
  return file;
}
