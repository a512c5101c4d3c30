/** ARMv6-M instructions as JavaScript (Arm DDI 0419, A6), for traces (thumb-translate.ts). */

const RAM = 0x20000000;
const FLASH = 0x10000000;
const SP = 13;
const LR = 14;
const PC = 15;

export type Flags = { nz?: boolean; c?: boolean; v?: boolean };

export interface Step {
  readonly address: number;
  readonly cycles: number;
  readonly reads?: Flags;
  readonly sets?: Flags;
  /** Flags live in wherever it may go: all of them. */
  readonly leaves?: boolean;
  /** JavaScript; `need` says which of the flags it sets are read. `exits` makes code that leaves the trace. */
  code(need: Flags, exits: Exits): string;
  /** Address of the next step; undefined: the trace ends with this one. */
  readonly next: number | undefined;
}

export interface Exits {
  /** Leaves before this instruction, which rp2040js is to do. */
  readonly bail: string;
  /** Goes on at an address, known or an expression, after this instruction and `extra` cycles. */
  goTo(target: string, extra?: number): string;
}

type StepMaker = (code: string | Step['code'], more?: Partial<Step>) => Step;

/** Makes the instructions in flash steps of a trace. */
export class ThumbDecoder {
  /** @param code flash */
  constructor(private readonly code: DataView) {}

  /** @returns undefined for what is not for traces */
  decode(address: number): Step | undefined {
    const at = address - FLASH;
    if (at + 4 > this.code.byteLength) return undefined;
    const op = this.code.getUint16(at, true);
    const next = address + 2;
    const low = (shift: number): string => `r${(op >> shift) & 7}`;
    const step = (code: string | Step['code'], more: Partial<Step> = {}): Step => ({
      address,
      cycles: 1,
      next,
      code: typeof code === 'string' ? () => code : code,
      ...more,
    });
    const arithmetic = (kind: keyof typeof ARITHMETIC, a: string, b: string, d?: string): Step =>
      step((need) => ARITHMETIC[kind](a, b, need) + (d ? `${d}=x;` : ''), {
        sets: { nz: true, c: true, v: true },
        ...(kind === 'adc' || kind === 'sbc' ? { reads: { c: true } } : {}),
      });
    const logic = (expression: string, d?: string): Step =>
      step((need) => `x=${expression};` + (d ? `${d}=x;` : '') + (need.nz ? 'nz=x;' : ''), { sets: { nz: true } });
    const shift = (result: string, carry: string, input: string, d: string): Step =>
      step((need) => `a=${input};x=${result};${need.c ? `c=${carry};` : ''}${d}=x;${need.nz ? 'nz=x;' : ''}`, {
        sets: { nz: true, c: true },
        ...(carry.includes('?c:') ? { reads: { c: true } } : {}),
      });
    const memory = (address: string, code: (bail: string) => string): Step =>
      step((_, { bail }) => `t=${address}|0;${code(bail)}`, { cycles: 2 });

    switch (op >> 11) {
      case 0b00000: {
        const by = (op >> 6) & 31;
        return by === 0 ? logic(low(3), low(0)) : shift(`a<<${by}`, `(a>>>${32 - by}&1)!==0`, low(3), low(0));
      }
      case 0b00001: {
        const by = (op >> 6) & 31 || 32;
        return shift(by < 32 ? `a>>>${by}|0` : '0', `(a>>>${by - 1}&1)!==0`, low(3), low(0));
      }
      case 0b00010: {
        const by = (op >> 6) & 31 || 32;
        return shift(`a>>${Math.min(by, 31)}`, `(a>>>${by - 1}&1)!==0`, low(3), low(0));
      }
      case 0b00011: {
        const right = op & 0x400 ? String((op >> 6) & 7) : low(6);
        return arithmetic(op & 0x200 ? 'sub' : 'add', low(3), right, low(0));
      }
      case 0b00100:
        return logic(String(op & 255), low(8));
      case 0b00101:
        return arithmetic('sub', low(8), String(op & 255));
      case 0b00110:
        return arithmetic('add', low(8), String(op & 255), low(8));
      case 0b00111:
        return arithmetic('sub', low(8), String(op & 255), low(8));
      case 0b01000:
        return op & 0x400
          ? this.highRegisters(op, address, step, arithmetic)
          : dataProcessing(op, low, arithmetic, logic, shift);
      case 0b01001: {
        const place = ((address & ~3) + 4 + (op & 255) * 4) >>> 0;
        if (place - FLASH + 4 > this.code.byteLength) return undefined;
        return step(`${low(8)}=${this.code.getInt32(place - FLASH, true)};`, { cycles: 2 });
      }
      case 0b01010:
      case 0b01011: {
        const where = `${low(3)}+${low(6)}`;
        const kind = (op >> 9) & 7;
        if (kind < 3) return memory(where, (bail) => store([32, 16, 8][kind]!, low(0), bail));
        return memory(where, (bail) => load(['8s', '32', '16', '8', '16s'][kind - 3]!, low(0), bail));
      }
      case 0b01100:
        return memory(`${low(3)}+${((op >> 6) & 31) * 4}`, (bail) => store(32, low(0), bail));
      case 0b01101:
        return memory(`${low(3)}+${((op >> 6) & 31) * 4}`, (bail) => load('32', low(0), bail));
      case 0b01110:
        return memory(`${low(3)}+${(op >> 6) & 31}`, (bail) => store(8, low(0), bail));
      case 0b01111:
        return memory(`${low(3)}+${(op >> 6) & 31}`, (bail) => load('8', low(0), bail));
      case 0b10000:
        return memory(`${low(3)}+${((op >> 6) & 31) * 2}`, (bail) => store(16, low(0), bail));
      case 0b10001:
        return memory(`${low(3)}+${((op >> 6) & 31) * 2}`, (bail) => load('16', low(0), bail));
      case 0b10010:
        return memory(`r13+${(op & 255) * 4}`, (bail) => store(32, low(8), bail));
      case 0b10011:
        return memory(`r13+${(op & 255) * 4}`, (bail) => load('32', low(8), bail));
      case 0b10100:
        return step(`${low(8)}=${((address & ~3) + 4 + (op & 255) * 4) | 0};`);
      case 0b10101:
        return step(`${low(8)}=r13+${(op & 255) * 4}|0;`);
      case 0b10110:
      case 0b10111:
        return miscellaneous(op, low, step);
      case 0b11000:
        return multiple(op & 255, low(8), 'store', step);
      case 0b11001:
        return multiple(op & 255, low(8), 'load', step);
      case 0b11010:
      case 0b11011: {
        const condition = CONDITIONS[(op >> 8) & 15];
        if (condition === undefined) return undefined;
        const target = next + 2 + (((op & 255) << 24) >> 23);
        const code: Step['code'] = (_, { goTo }) => `if(${condition})${goTo(String(target), 1)}`;
        return step(code, { leaves: true });
      }
      case 0b11100:
        return step('', { cycles: 2, next: next + 2 + (((op & 0x7ff) << 21) >> 20) });
      case 0b11110:
        return this.call(op, address, step);
      default:
        return undefined;
    }
  }

  private call(op: number, address: number, step: StepMaker): Step | undefined {
    const op2 = this.code.getUint16(address - FLASH + 2, true);
    if (op2 >> 14 !== 3 || (op2 & 0x1000) === 0) return undefined; // not BL
    const sign = (op >> 10) & 1;
    const i1 = 1 ^ sign ^ ((op2 >> 13) & 1);
    const i2 = 1 ^ sign ^ ((op2 >> 11) & 1);
    const offset = (sign ? 0xff000000 : 0) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) | ((op2 & 0x7ff) << 1);
    const next = address + 4 + offset;
    const inFlash = next >= FLASH && next - FLASH < this.code.byteLength;
    const link = `r14=${(address + 4) | 1};`;
    if (inFlash) return step(link, { cycles: 3, next });
    return step((_, { goTo }) => link + goTo(String(next)), { cycles: 3, next: undefined, leaves: true });
  }

  private highRegisters(
    op: number,
    address: number,
    step: StepMaker,
    arithmetic: (kind: 'sub', a: string, b: string) => Step,
  ): Step | undefined {
    const d = (op & 7) | ((op >> 4) & 8);
    const m = (op >> 3) & 15;
    const value = m === PC ? String((address + 4) | 0) : `r${m}`;
    const kind = (op >> 8) & 3;
    if (kind === 3) {
      if (m === PC) return undefined;
      const link = op & 0x80 ? `r14=${(address + 2) | 1};` : '';
      // An address from fffffff0 up is no address: it ends an interrupt.
      const code: Step['code'] = (_, { bail, goTo }) => `t=r${m};if(t>>>28===15)${bail}${link}${goTo('(t&~1)')}`;
      return step(code, { cycles: 2, next: undefined, leaves: true });
    }
    if (d === PC) return undefined;
    if (kind === 1) return m === PC ? undefined : arithmetic('sub', `r${d}`, value);
    const mask = d === SP ? '&~3' : '|0';
    return step(kind === 0 ? `r${d}=(r${d}+${value})${mask};` : `r${d}=${value}${d === SP ? '&~3' : ''};`);
  }
}

const carryAndOverflow = (need: Flags, carry: string, overflow: string): string =>
  (need.c ? `c=${carry};` : '') + (need.v ? `v=${overflow};` : '') + (need.nz ? 'nz=x;' : '');

const ARITHMETIC = {
  add: (a: string, b: string, need: Flags) =>
    `a=${a};b=${b};x=a+b|0;` + carryAndOverflow(need, 'x>>>0<a>>>0', '((a^x)&(b^x))<0'),
  adc: (a: string, b: string, need: Flags) =>
    `a=${a};b=${b};t=c?1:0;x=a+b+t|0;` + carryAndOverflow(need, '(a>>>0)+(b>>>0)+t>4294967295', '((a^x)&(b^x))<0'),
  sub: (a: string, b: string, need: Flags) =>
    `a=${a};b=${b};x=a-b|0;` + carryAndOverflow(need, 'a>>>0>=b>>>0', '((a^b)&(a^x))<0'),
  sbc: (a: string, b: string, need: Flags) =>
    `a=${a};b=${b};t=c?0:1;x=a-b-t|0;` + carryAndOverflow(need, '(a>>>0)>=(b>>>0)+t', '((a^b)&(a^x))<0'),
};

/** By cond field; 14 and 15 are UDF and SVC. */
const CONDITIONS = [
  'nz===0',
  'nz!==0',
  'c',
  '!c',
  'nz<0',
  'nz>=0',
  'v',
  '!v',
  'c&&nz!==0',
  '!c||nz===0',
  'nz<0===v',
  'nz<0!==v',
  'nz<0===v&&nz!==0',
  'nz<0!==v||nz===0',
];

function dataProcessing(
  op: number,
  low: (shift: number) => string,
  arithmetic: (kind: keyof typeof ARITHMETIC, a: string, b: string, d?: string) => Step,
  logic: (expression: string, d?: string) => Step,
  shift: (result: string, carry: string, input: string, d: string) => Step,
): Step | undefined {
  const [d, m] = [low(0), low(3)];
  const by = `(${m}&255)`;
  switch ((op >> 6) & 15) {
    case 0:
      return logic(`${d}&${m}`, d);
    case 1:
      return logic(`${d}^${m}`, d);
    case 2:
      return shift(`${by}>31?0:a<<${by}`, `${by}===0?c:${by}<33&&(a>>>32-${by}&1)!==0`, d, d);
    case 3:
      return shift(`${by}>31?0:a>>>${by}|0`, `${by}===0?c:${by}<33&&(a>>>${by}-1&1)!==0`, d, d);
    case 4:
      return shift(`a>>(${by}>31?31:${by})`, `${by}===0?c:(a>>(${by}>32?31:${by}-1)&1)!==0`, d, d);
    case 5:
      return arithmetic('adc', d, m, d);
    case 6:
      return arithmetic('sbc', d, m, d);
    case 8:
      return logic(`${d}&${m}`);
    case 9:
      return arithmetic('sub', '0', m, d);
    case 10:
      return arithmetic('sub', d, m);
    case 11:
      return arithmetic('add', d, m);
    case 12:
      return logic(`${d}|${m}`, d);
    case 13:
      return logic(`Math.imul(${d},${m})`, d);
    case 14:
      return logic(`${d}&~${m}`, d);
    case 15:
      return logic(`~${m}`, d);
    default:
      return undefined; // rotations
  }
}

function miscellaneous(op: number, low: (shift: number) => string, step: StepMaker): Step | undefined {
  const [d, m] = [low(0), low(3)];
  switch (op >> 6) {
    case 0b1011001000:
      return step(`${d}=${m}<<16>>16;`);
    case 0b1011001001:
      return step(`${d}=${m}<<24>>24;`);
    case 0b1011001010:
      return step(`${d}=${m}&65535;`);
    case 0b1011001011:
      return step(`${d}=${m}&255;`);
    case 0b1011101000:
      return step(`x=${m};${d}=x<<24|(x&65280)<<8|x>>>8&65280|x>>>24;`);
    case 0b1011101001:
      return step(`x=${m};${d}=(x&0xff00ff)<<8|x>>>8&0xff00ff;`);
  }
  if (op >> 8 === 0b10110000) return step(`r13=r13${op & 0x80 ? '-' : '+'}${(op & 127) * 4}|0;`);
  if (op === 0xbf00) return step('');
  const list = op & 255;
  const count = bits(list);
  if (op >> 9 === 0b1011010) {
    // PUSH
    const link = (op >> 8) & 1;
    const size = 4 * (count + link);
    const values = [...registersOf(list), ...(link ? [LR] : [])];
    return step(
      (_, { bail }) =>
        `u=r13-${size + RAM}>>>0;if(u>ramBytes-${size}||u&3)${bail}u>>=2;` +
        values.map((register, i) => `ram32[u+${i}]=r${register};`).join('') +
        `r13=r13-${size}|0;`,
      { cycles: 1 + count },
    );
  }
  if (op >> 9 === 0b1011110) {
    // POP
    const returns = (op >> 8) & 1;
    const size = 4 * (count + returns);
    const loads = registersOf(list).map((register, i) => `r${register}=ram32[u+${i}];`);
    const check = (bail: string): string => `u=r13-${RAM}>>>0;if(u>ramBytes-${size}||u&3)${bail}u>>=2;`;
    if (!returns)
      return step((_, { bail }) => `${check(bail)}${loads.join('')}r13=r13+${size}|0;`, { cycles: 1 + count });
    return step(
      (_, { bail, goTo }) =>
        `${check(bail)}t=ram32[u+${count}];if(t>>>28===15)${bail}${loads.join('')}r13=r13+${size}|0;${goTo('(t&~1)')}`,
      { cycles: 3 + count, next: undefined, leaves: true },
    );
  }
  return undefined;
}

/** LDM and STM. */
function multiple(list: number, base: string, kind: 'load' | 'store', step: StepMaker): Step | undefined {
  const count = bits(list);
  const registers = registersOf(list).map((register) => `r${register}`);
  if (count === 0 || (kind === 'store' && registers.includes(base))) return undefined;
  const each = (memory: string): string =>
    registers.map((r, i) => (kind === 'load' ? `${r}=${memory}[u+${i}];` : `${memory}[u+${i}]=${r};`)).join('');
  const writeBack = registers.includes(base) ? '' : `${base}=t+${4 * count}|0;`;
  const flash =
    kind === 'load' ? `u=t-${FLASH}>>>0;if(u>flashBytes-${4 * count}||u&3)BAIL u>>=2;${each('flash32')}` : 'BAIL';
  return step(
    (_, { bail }) =>
      `t=${base};u=t-${RAM}>>>0;if(u<=ramBytes-${4 * count}&&!(u&3)){u>>=2;${each('ram32')}}` +
      `else{${flash.replace('BAIL', bail)}}${writeBack}`,
    { cycles: 1 + count },
  );
}

/** The bytes at address t. */
function load(kind: string, to: string, bail: string): string {
  const shift = { '8': 0, '8s': 0, '16': 1, '16s': 1, '32': 2 }[kind]!;
  const aligned = shift === 0 ? '' : `&&!(u&${(1 << shift) - 1})`;
  const from = (memory: string): string => `${to}=${memory}${kind}[u>>${shift}];`;
  return (
    `u=t-${RAM}>>>0;if(u<ramBytes${aligned})${from('ram')}` +
    `else{u=t-${FLASH}>>>0;if(u<flashBytes${aligned})${from('flash')}else${bail}}`
  );
}

function store(bitsWide: number, from: string, bail: string): string {
  const shift = { 8: 0, 16: 1, 32: 2 }[bitsWide]!;
  const aligned = shift === 0 ? '' : `&&!(u&${(1 << shift) - 1})`;
  return `u=t-${RAM}>>>0;if(u<ramBytes${aligned})ram${bitsWide}[u>>${shift}]=${from};else${bail}`;
}

function registersOf(list: number): number[] {
  return Array.from({ length: 8 }, (_, i) => i).filter((i) => (list >> i) & 1);
}

function bits(list: number): number {
  return registersOf(list).length;
}
