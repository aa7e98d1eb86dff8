const NANO = 1_000_000_000;

/** Formats an amount of money for people: in cents, and below a cent to three digits. */
export function shownUsd(nanoUsd: number): string {
  const usd = nanoUsd / NANO;
  return usd === 0 || usd >= 0.01 ? usd.toFixed(2) : String(Number(usd.toPrecision(3)));
}

/** Formats a limit's amount, which has whole cents. */
export function centsOf(nanoUsd: string): string {
  return (Number(nanoUsd) / NANO).toFixed(2);
}

/** Returns an amount with at most two decimals in billionths of a US dollar. */
export function nanoOf(usd: string): string {
  return `${Math.round(Number(usd) * 100)}${'0'.repeat(7)}`;
}
