const CENTS = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const BELOW_A_CENT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, maximumFractionDigits: 20 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat('en');

/** Formats an exact decimal number of dollars for people: to the cent, and below a cent to three digits. */
export function dollars(exact: string): string {
  const amount = Number(exact);
  const size = Math.abs(amount);
  const text = size === 0 || size >= 0.01 ? CENTS.format(size) : BELOW_A_CENT.format(size);
  return `${amount < 0 ? '-' : ''}$${text}`;
}

/** Formats a number of tokens in a table: below ten thousand as it is, else with three digits. */
export function tokens(count: number): string {
  return count < 10_000 ? String(count) : COMPACT.format(count);
}

/** Formats a number with all its digits. */
export function whole(count: number): string {
  return WHOLE.format(count);
}
