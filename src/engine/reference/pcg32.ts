/** PCG32 (O'Neill 2014, pcg-random.org, XSH-RR 64/32), seeded as pcg32_srandom(seed, 54). */

/** 6364136223846793005 */
const MULTIPLIER_HIGH = 0x5851f42d;
const MULTIPLIER_LOW = 0x4c957f2d;
/** Stream 54. */
const INCREMENT = (54 << 1) | 1;

export class Pcg32 {
  /** The 64-bit state in two unsigned halves. */
  private high = 0;
  private low = 0;

  constructor(seed: number) {
    this.next();
    this.add(seed >>> 0);
    this.next();
  }

  /** The next 32 random bits, unsigned. */
  next(): number {
    const { high, low } = this;
    this.step();
    // ((state >> 18) ^ state) >> 27, its low 32 bits
    const xorHigh = (high >>> 18) ^ high;
    const xorLow = ((low >>> 18) | (high << 14)) ^ low;
    const shifted = (xorLow >>> 27) | (xorHigh << 5);
    const turn = high >>> 27;
    return ((shifted >>> turn) | (shifted << (-turn & 31))) >>> 0;
  }

  private step(): void {
    const { high, low } = this;
    // low · MULTIPLIER_LOW in 64 bits, from 16-bit halves of low.
    const upper = (low >>> 16) * MULTIPLIER_LOW;
    const sum = (low & 0xffff) * MULTIPLIER_LOW + (upper % 65536) * 65536;
    const carry = Math.floor(upper / 65536) + Math.floor(sum / 2 ** 32);
    this.low = sum % 2 ** 32;
    this.high = (Math.imul(low, MULTIPLIER_HIGH) + Math.imul(high, MULTIPLIER_LOW) + carry) >>> 0;
    this.add(INCREMENT);
  }

  private add(value: number): void {
    const sum = this.low + value;
    this.low = sum % 2 ** 32;
    if (sum >= 2 ** 32) this.high = (this.high + 1) >>> 0;
  }
}
