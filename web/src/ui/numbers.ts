const UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Returns a count in three digits, as in 1.23 M; counts below ten thousand are returned exactly. */
export function shortCount(count: number): string {
  if (Math.abs(count) < 10_000) return exactCount(count);
  // From 999,500 on it is a million, so that nothing becomes 1,000 k.
  const [size, unit] = UNITS.find(([size]) => Math.abs(count) >= size * 0.9995) ?? [1, ''];
  return `${new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(count / size)} ${unit}`;
}

/** Returns a number of bytes in three digits, as in 12.3 KB. */
export function shortBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const [size, unit] = bytes < 999_500 ? [1e3, 'KB'] : [1e6, 'MB'];
  return `${new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(bytes / size)} ${unit}`;
}

export function exactCount(count: number): string {
  return new Intl.NumberFormat('en-US').format(count);
}

/** Returns an amount in US dollars: to the cent, below a cent to three digits that count, and zero as $0.00. */
export function money(usd: number): string {
  const isTiny = usd !== 0 && Math.abs(usd) < 0.01;
  const digits = isTiny
    ? { maximumSignificantDigits: 3 }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...digits }).format(usd);
}

/** Returns a share of 1 in percent, without decimals except below ten. */
export function percent(share: number): string {
  const maximumFractionDigits = Math.abs(share) < 0.1 ? 1 : 0;
  return new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits }).format(share);
}
