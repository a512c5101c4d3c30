/** Runs rp2040js's core, the code in flash that runs often as traces (thumb-translate.ts). */
import type { RP2040 } from 'rp2040js';
import { Translator, type Trace } from './thumb-translate.js';

const FLASH_BASE = 0x10000000;
/** Addresses from the start of flash that have traces: all of the firmware. */
export const CODE_BYTES = 65536;
/** A trace is made when its start is met for this many times: it costs as much as some 10,000 instructions. */
const OFTEN = 400;

export class FastCore {
  private readonly translator: Translator;
  private traces: (Trace | undefined)[] = [];
  private readonly met = new Uint16Array(CODE_BYTES / 2);

  /** @param isReadable whether code can be fetched from flash now */
  constructor(
    private readonly chip: RP2040,
    private readonly isReadable: () => boolean,
  ) {
    this.translator = new Translator(chip.core, { ram: chip.sram, flash: chip.flash });
    this.forget();
  }

  /** The code in flash has changed. */
  forget(): void {
    this.traces = new Array<Trace | undefined>(CODE_BYTES / 2).fill(undefined);
    this.met.fill(0);
  }

  /** Runs for about so many instructions, or until the core waits. */
  run(instructions: number): void {
    const { core } = this.chip;
    for (let left = instructions; left > 0 && !core.waiting;) {
      const trace = core.interruptsUpdated ? undefined : this.traceAt(core.PC - FLASH_BASE);
      if (trace) {
        const done = trace();
        left -= done < 0 ? ~done : done;
        if (done >= 0) continue;
      }
      core.executeInstruction();
      left--;
    }
  }

  private traceAt(offset: number): Trace | undefined {
    const index = offset >> 1;
    if (index < 0 || index >= this.met.length || !this.isReadable()) return undefined;
    const trace = this.traces[index];
    if (trace || this.met[index] === OFTEN) return trace;
    if (++this.met[index]! < OFTEN) return undefined;
    return (this.traces[index] = this.translator.translate(FLASH_BASE + 2 * index));
  }
}
