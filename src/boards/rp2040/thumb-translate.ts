/**
 * Translates ARMv6-M code to JavaScript, a trace at a time: straight ahead from an address, through calls and branches
 * that are not taken, until it would come back or an instruction needs the whole machine. A trace that comes back to
 * its start is a loop. Registers and flags are local variables meanwhile; flags nobody reads are not computed.
 *
 * Only what every cycle is known of is translated: memory is RAM, or flash to read. Before any other access, and before
 * instructions it does not know, a trace returns and rp2040js goes on there. (Arm DDI 0419; cycles as rp2040js has them.)
 */
import { ThumbDecoder, type Exits, type Flags, type Step } from './thumb-decode.js';

/** Runs until it leaves the trace. The number n of instructions done; ~n, if the next one is not for traces. */
export type Trace = () => number;

const MOST_INSTRUCTIONS = 64;
/** A loop returns after so many, to let others have their turn. */
const LONGEST_RUN = 4096;

export interface Memories {
  readonly ram: Uint8Array;
  /** Its code does not change while traces of it are in use. */
  readonly flash: Uint8Array;
}

/** What traces work on: rp2040js's core. */
export interface Core {
  readonly registers: Uint32Array;
  cycles: number;
  N: boolean;
  Z: boolean;
  C: boolean;
  V: boolean;
}

export class Translator {
  private readonly views: Readonly<Record<string, unknown>>;
  private readonly decoder: ThumbDecoder;

  constructor(core: Core, memories: Memories) {
    const { ram, flash } = memories;
    const view = { core, R: core.registers, ramBytes: ram.length, flashBytes: flash.length };
    this.views = { ...view, ...viewsOf('ram', ram), ...viewsOf('flash', flash) };
    this.decoder = new ThumbDecoder(new DataView(flash.buffer, flash.byteOffset, flash.length));
  }

  /** @returns undefined, if the first instruction there is not for traces */
  translate(start: number): Trace | undefined {
    const steps: Step[] = [];
    const seen = new Set<number>();
    let at: number | undefined = start;
    while (at !== undefined && !seen.has(at) && steps.length < MOST_INSTRUCTIONS) {
      const step = this.decoder.decode(at);
      if (!step) break;
      seen.add(at);
      steps.push(step);
      at = step.next;
    }
    if (steps.length === 0) return undefined;
    const stuck = at !== undefined && !seen.has(at) && steps.length < MOST_INSTRUCTIONS;
    return this.compile(start, steps, at, stuck);
  }

  private compile(start: number, steps: readonly Step[], end: number | undefined, stuck: boolean): Trace {
    let cycles = 0;
    const body = steps.map((step, i) => {
      const before = leave(step.address, cycles, `~(n+${i})`);
      cycles += step.cycles;
      const exits: Exits = {
        bail: before,
        goTo: (target, extra = 0) =>
          target === String(start)
            ? `{cyc+=${cycles + extra};n+=${i + 1};if(n<${LONGEST_RUN})continue;${leave(start, 0, 'n')}}`
            : leave(target, cycles + extra, `n+${i + 1}`),
      };
      return step.code(neededAfter(steps, i), exits);
    });
    if (end === start)
      body.push(`cyc+=${cycles};n+=${steps.length};if(n<${LONGEST_RUN})continue;${leave(start, 0, 'n')}`);
    else if (end !== undefined) body.push(leave(end, cycles, `${stuck ? '~' : ''}(n+${steps.length})`));

    const text = body.join('\n');
    const written = [...new Set([...text.matchAll(/\br(\d+)=(?!=)/g)].map((match) => Number(match[1])))];
    const used = [...new Set([...text.matchAll(/\br(\d+)\b/g)].map((match) => Number(match[1])))];
    const flags = (['nz', 'c', 'v'] as const).filter((flag) => new RegExp(`\\b${flag}=(?!=)`).test(text));
    const writeBack = [
      ...written.map((register) => `R[${register}]=r${register};`),
      flags.includes('nz') ? 'core.N=nz<0;core.Z=nz===0;' : '',
      flags.includes('c') ? 'core.C=c;' : '',
      flags.includes('v') ? 'core.V=v;' : '',
    ].join('');
    const source = `return function(){
let n=0,cyc=0,a=0,b=0,t=0,u=0,x=0,nz=core.Z?0:core.N?-1:1,c=core.C,v=core.V;
${used.map((register) => `let r${register}=R[${register}]|0;`).join('')}
for(;;){
${text.replaceAll('@', writeBack)}
}}`;
    return new Function(...Object.keys(this.views), source)(...Object.values(this.views)) as Trace;
  }
}

/** `@` stands for writing registers and flags back. */
function leave(target: number | string, cycles: number, result: string): string {
  return `{@R[15]=${target};core.cycles+=cyc+${cycles};return ${result};}`;
}

/** Flags that step i sets and that something reads before they are set again. */
function neededAfter(steps: readonly Step[], i: number): Flags {
  const need: Flags = {};
  for (const flag of ['nz', 'c', 'v'] as const) {
    if (!steps[i]!.sets?.[flag]) continue;
    let j = i + 1;
    while (j < steps.length && !steps[j]!.reads?.[flag] && !steps[j]!.leaves && !steps[j]!.sets?.[flag]) j++;
    need[flag] = j === steps.length || Boolean(steps[j]!.reads?.[flag] || steps[j]!.leaves);
  }
  return need;
}

function viewsOf(name: string, { buffer, byteOffset, length }: Uint8Array): Record<string, unknown> {
  return {
    [`${name}8`]: new Uint8Array(buffer, byteOffset, length),
    [`${name}8s`]: new Int8Array(buffer, byteOffset, length),
    [`${name}16`]: new Uint16Array(buffer, byteOffset, length >> 1),
    [`${name}16s`]: new Int16Array(buffer, byteOffset, length >> 1),
    [`${name}32`]: new Int32Array(buffer, byteOffset, length >> 2),
  };
}
