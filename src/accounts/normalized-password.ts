/** The maximum number of UTF-16 units to which one character of a composed password (NFC) can decompose (NFD). */
export const MAX_UNITS_PER_CHARACTER = 4;

/**
 * Returns the form of a password that is measured and hashed (NFC). Keyboards and systems differ in the form in which they
 * send an `é`, and users can't see which one was sent (NIST SP 800-63B, RFC 8265).
 */
export function normalizedPassword(typed: string): string {
  return typed.normalize('NFC');
}
