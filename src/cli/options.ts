/** Option values: checked while parsing, so that a bad one is a usage error that names the option. */
import { LinnetError } from '../errors.js';

/** A whole number from `min` to `max`, in decimal digits. */
export function integer(option: string, min: number, max: number): (value: string) => number {
  return (value) => {
    const n = Number(value);
    if (!/^[+-]?\d+$/.test(value) || n < min || n > max)
      throw bad(`${shown(value)} is not a whole number from ${min} to ${max}`, option);
    return n;
  };
}

/** A decimal number from `min` to `max`. */
export function decimal(option: string, min: number, max: number): (value: string) => number {
  return (value) => {
    const n = Number(value);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) || n < min || n > max)
      throw bad(`${shown(value)} is not a number from ${min} to ${max}`, option);
    return n;
  };
}

export function oneOf<T extends string>(option: string, choices: readonly T[]): (value: string) => T {
  return (value) => {
    if (!(choices as readonly string[]).includes(value))
      throw new LinnetError(
        'usage',
        `${shown(value)} is not one of ${choices.join(', ')}`,
        option,
        'choose one of them',
      );
    return value as T;
  };
}

/** @throws {LinnetError} usage, if more than one of the options is given */
export function atMostOne(options: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const given = names.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
  if (given.length > 1)
    throw new LinnetError('usage', `${given.join(' and ')} exclude each other`, given[0]!, 'give one of them');
}

function bad(what: string, option: string): LinnetError {
  return new LinnetError('usage', what, option, 'give a number in that range');
}

/** A value as a message quotes it, however long it is. */
function shown(value: string): string {
  return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
}
