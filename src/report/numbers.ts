/** Numbers as people read them. */

/** 1234567 → "1,234,567" */
export function whole(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Three significant digits, without an exponent where it can be: 0.00123, 45.6, 1,235. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'not a number' : x > 0 ? '∞' : '−∞';
  const size = Math.abs(x);
  if (size >= 1000) return (x < 0 ? '−' : '') + whole(size);
  if (size !== 0 && size < 1e-4) return minus(x.toExponential(1));
  return minus(String(Number(x.toPrecision(3))));
}

/** "842 B", "2.43 kB", "897 kB", "1.07 GB": powers of ten. */
export function bytes(n: number): string {
  return n < 1000 ? `${n} B` : `${withPrefix(n)}B`;
}

/** "9,216", "847 k", "2.65 M" */
export function count(n: number): string {
  return n < 10_000 ? whole(n) : withPrefix(n).trim();
}

/** A share of 1 in per cent: "0.003 %", "12.5 %". A little more than 0 never reads 0. */
export function percent(share: number): string {
  if (share > 0 && share < 1e-5) return 'below 0.001 %';
  return `${short(100 * share)} %`;
}

export function decibels(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? 'exact' : 'no signal';
  return `${minus(x.toFixed(1))} dB`;
}

function withPrefix(n: number): string {
  const power = Math.min(3, Math.floor(Math.log10(n) / 3));
  const scaled = Number((n / 1000 ** power).toPrecision(3));
  // 999,900 rounds to 1000 k
  return scaled >= 1000 && power < 3
    ? withPrefix(1000 ** (power + 1))
    : `${short(scaled)} ${['', 'k', 'M', 'G'][power]}`;
}

function minus(text: string): string {
  return text.replace('-', '−');
}
