/**
 * The one table of what a secret looks like that people hand to this server: what is minted here, and what vendors mint.
 * Whatever hides secrets, or knows them by their form, is built from it or held to it by a test.
 */

/** What is minted here: a prefix, `_` and 64 hex digits. */
export const OWN_CREDENTIALS = {
  tvs: 'a session of a person',
  tvp: 'a proxy token of a person',
  tvk: 'an API key of an organization',
  tvi: 'an invite to an organization',
  tvd: 'a device login that waits',
} as const;
export type OwnCredential = keyof typeof OWN_CREDENTIALS;

/** What each of this kind begins with. */
export function prefixOf(kind: OwnCredential): string {
  return `${kind}_`;
}

/** A text that could be one of this kind, from its first character to its last. */
export function shapeOf(kind: OwnCredential): RegExp {
  return new RegExp(`^${kind}_[0-9a-f]{64}$`);
}

/** What every key of Anthropic's begins with. */
export const ANTHROPIC_KEY_PREFIX = 'sk-ant-';

interface CredentialPrefix {
  readonly prefix: string;
  /** Whether it says enough in the middle of a word, where somebody has pasted it behind something. */
  readonly countsWithinWords: boolean;
}

/** How a secret begins, the longer ones first. What follows is never shown, whole or not. */
export const CREDENTIAL_PREFIXES: readonly CredentialPrefix[] = [
  ...Object.keys(OWN_CREDENTIALS).map((kind) => ({ prefix: `${kind}_`, countsWithinWords: true })),
  { prefix: ANTHROPIC_KEY_PREFIX, countsWithinWords: true },
  { prefix: 'sk-', countsWithinWords: false }, // OpenAI, OpenRouter and others; also the end of `task-`, `disk-`
  { prefix: 'AIza', countsWithinWords: false }, // Google
];

/**
 * Finds what begins like a credential, wherever it stands in a text, with what follows.
 * @param ends what no credential holds, as the inside of a character class.
 */
export function credentialsUpTo(ends: string): RegExp {
  const starts = CREDENTIAL_PREFIXES.map(
    ({ prefix, countsWithinWords }) => `${countsWithinWords ? '' : '(?<![A-Za-z0-9])'}${prefix}`,
  );
  return new RegExp(`(?:${starts.join('|')})[^${ends}]*`, 'g');
}
