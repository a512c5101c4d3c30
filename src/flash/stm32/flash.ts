/** Way "stm32_rom": through the boot loader in ROM, at a serial port. */
import type { Stm32Rom } from '../../boards/registry.js';
import { openSerialPort } from '../../link/serial-port.js';
import type { Segment } from '../segments.js';
import { programStm32, type Stm32Options } from './program.js';

/** @throws LinnetError of openSerialPort and programStm32 */
export async function flashOverSerial(
  port: string,
  rom: Stm32Rom,
  segments: readonly Segment[],
  options: Stm32Options = {},
): Promise<void> {
  const transport = await openSerialPort(port, rom.baud, 'even');
  try {
    await programStm32(transport, rom, segments, options);
  } finally {
    await transport.close();
  }
}
