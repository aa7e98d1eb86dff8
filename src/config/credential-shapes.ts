/**
 * The only table of the formats of secrets that this server handles: its own and those of providers. Everything that
 * redacts secrets or recognizes them by their format is built from this table, or checked against it by a test.
 */

/** The kinds of credentials that are created here. Each consists of a prefix, `_` and 64 hex digits. */
export const OWN_CREDENTIALS = {
  tvs: 'a session of a person',
  tvp: 'a proxy token of a person',
  tvk: 'an API key of an organization',
  tvi: 'an invite to an organization',
  tvd: 'a device login that waits',
} as const;
export type OwnCredential = keyof typeof OWN_CREDENTIALS;

/** Returns what every credential of this kind begins with. */
export function prefixOf(kind: OwnCredential): string {
  return `${kind}_`;
}

/** Returns an expression that matches a text with the format of this kind, from its first character to its last. */
export function shapeOf(kind: OwnCredential): RegExp {
  return new RegExp(`^${kind}_[0-9a-f]{64}$`);
}

/** What every key of Anthropic's begins with. */
export const ANTHROPIC_KEY_PREFIX = 'sk-ant-';

interface CredentialPrefix {
  readonly prefix: string;
  /** Whether the prefix identifies a credential even inside a word, as when it was pasted directly behind another text. */
  readonly countsWithinWords: boolean;
}

/** The prefixes of secrets, longer ones first. What follows a prefix is never shown, complete or not. */
export const CREDENTIAL_PREFIXES: readonly CredentialPrefix[] = [
  ...Object.keys(OWN_CREDENTIALS).map((kind) => ({ prefix: `${kind}_`, countsWithinWords: true })),
  { prefix: ANTHROPIC_KEY_PREFIX, countsWithinWords: true },
  { prefix: 'sk-', countsWithinWords: false }, // OpenAI, OpenRouter and others; also the end of `task-`, `disk-`
  { prefix: 'AIza', countsWithinWords: false }, // Google
];

/**
 * Returns an expression that finds the prefix of a credential anywhere in a text, with what follows.
 * @param ends the characters that no credential contains, as the inside of a character class.
 */
export function credentialsUpTo(ends: string): RegExp {
  const starts = CREDENTIAL_PREFIXES.map(
    ({ prefix, countsWithinWords }) => `${countsWithinWords ? '' : '(?<![A-Za-z0-9])'}${prefix}`,
  );
  return new RegExp(`(?:${starts.join('|')})[^${ends}]*`, 'g');
}
