/** How many time steps an activation holds: docs/format.md, "Time". */

/** With n tokens of input there are ⌊(factor · n + offset) / divisor⌋ steps. */
export interface TimeForm {
  readonly factor: number;
  readonly divisor: number;
  readonly offset: number;
}

/** One step a token. */
export const PER_TOKEN: TimeForm = { factor: 1, divisor: 1, offset: 0 };

export function stepsOf({ factor, divisor, offset }: TimeForm, tokens: number): number {
  return Math.floor((factor * tokens + offset) / divisor);
}

export function sameTime(a: TimeForm | undefined, b: TimeForm | undefined): boolean {
  return a?.factor === b?.factor && a?.divisor === b?.divisor && a?.offset === b?.offset;
}

/** What a convolution or a pool does along one axis. */
export interface AxisWindows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** The input is spread this far apart, zeros between. */
  readonly upsample: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/** Output positions from n input positions; less than 1 if no window fits. */
export function positionsOf(n: number, axis: AxisWindows): number {
  const { kernel, stride, dilation, upsample, padBegin, padEnd } = axis;
  return Math.floor((upsample * (n - 1) + padBegin + padEnd - dilation * (kernel - 1)) / stride) + 1;
}

/** The time form of an output; undefined for upsampling after a stride, which no form can say. */
export function composeTime(form: TimeForm, axis: AxisWindows): TimeForm | undefined {
  const { kernel, stride, dilation, upsample, padBegin, padEnd } = axis;
  if (upsample > 1 && form.divisor > 1) return undefined;
  const added = padBegin + padEnd - dilation * (kernel - 1) - upsample + stride;
  return {
    factor: upsample * form.factor,
    divisor: form.divisor * stride,
    offset: upsample * form.offset + added * form.divisor,
  };
}
