/** An exact decimal number that is not negative: `digits` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { digits: 0n, scale: 0 };
export const ONE: Decimal = { digits: 1n, scale: 0 };

/** The longest exponent that is read: more would be a number of no meaning, and a very long one to compute with. */
const MAX_EXPONENT = 30;

/** Parses a number as JSON writes it, or returns undefined for another text and for a negative number. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, whole, fraction = '', exponent = '0'] =
    /^(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? [];
  if (whole === undefined || Math.abs(Number(exponent)) > MAX_EXPONENT) return undefined;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale < 0 ? { digits: digits * powerOfTen(-scale), scale: 0 } : { digits, scale };
}

/** Formats a number without an exponent and without zeros behind its last digit. */
export function formatDecimal({ digits, scale }: Decimal): string {
  if (scale === 0) return digits.toString();
  const padded = digits.toString().padStart(scale + 1, '0');
  const fraction = padded.slice(padded.length - scale).replace(/0+$/, '');
  const whole = padded.slice(0, padded.length - scale);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

export function product(factors: readonly Decimal[]): Decimal {
  let result = ONE;
  for (const factor of factors) {
    if (result === ONE) result = factor;
    else if (factor !== ONE)
      result = { digits: result.digits * factor.digits, scale: result.scale + factor.scale };
  }
  return result;
}

/** The powers of ten that costs are computed with; to compute one again takes as long as the rest of a line of cost. */
const POWERS_OF_TEN = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

function powerOfTen(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

/** Returns a number in units of ten to the power of minus `scale`, rounded half up. */
export function inUnits({ digits, scale: from }: Decimal, scale: number): bigint {
  if (from <= scale) return digits * powerOfTen(scale - from);
  const divisor = powerOfTen(from - scale);
  return (2n * digits + divisor) / (2n * divisor);
}

/** Formats an amount in billionths of a US dollar as an exact decimal number of dollars; corrections can be negative. */
export function usdOf(nanoUsd: bigint): string {
  return nanoUsd < 0n
    ? `-${formatDecimal({ digits: -nanoUsd, scale: 9 })}`
    : formatDecimal({ digits: nanoUsd, scale: 9 });
}

/** Returns a number that a provider reports, as a number or a text, without an exponent; undefined if it is none. */
export function reportedDecimal(value: unknown): string | undefined {
  const parsed =
    typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : undefined;
  return parsed === undefined ? undefined : formatDecimal(parsed);
}
