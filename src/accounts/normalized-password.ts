/** The greatest number of UTF-16 units that one character of a composed password (NFC) can decompose to (NFD). */
export const MAX_UNITS_PER_CHARACTER = 4;

/**
 * The form of a password that is measured and hashed, NFC: keyboards and systems differ in the form in which they send
 * an `é`, and the person cannot see which one was sent (NIST SP 800-63B, RFC 8265).
 */
export function normalizedPassword(typed: string): string {
  return typed.normalize('NFC');
}
