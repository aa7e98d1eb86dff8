import type { ApiError, ErrorCode } from '../api/api-error';

/** What the pages need to know of a provider to talk about its keys. */
export interface KeyKind {
  readonly id: string;
  readonly label: string;
  readonly key_prefix: string | null;
}

/**
 * Replaces the server's messages about a typed key with the pages' own words; messages about anything else stay.
 * @param providers all providers of the server, by which a key of another one is recognized.
 */
export function keyRefusal(
  refusal: ApiError,
  key: string,
  kind: KeyKind,
  providers: readonly KeyKind[],
): ApiError {
  const errors = refusal.errors.map((error) => {
    const words = error.field === 'key' && error.code !== undefined ? WORDS[error.code] : undefined;
    return words === undefined ? error : { ...error, message: words(kind, key, providers) };
  });
  return { ...refusal, errors };
}

type Words = (kind: KeyKind, key: string, providers: readonly KeyKind[]) => string;

/** The pages' words for the codes of a key's errors. */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  required: ({ label }) => `Enter your key for ${label}.`,
  invalid_key: ({ label, key_prefix }, key) =>
    key.trim() === key_prefix
      ? `This is only how keys for ${label} begin. Paste the whole key.`
      : `Keys for ${label} begin with ${key_prefix ?? 'something else'}.`,
  other_providers_key: ({ label }, key, providers) =>
    `This looks like ${whose(key, providers)}, which ${label} does not take.`,
  too_long: ({ label }) => `This is too long to be a key for ${label}.`,
  invalid_characters: () =>
    'A key has no spaces and no letters beyond a to z. Was something else pasted with it?',
  admin_key: () =>
    'This is an admin key, which manages an organization and can call no model. Create an API key, and keep the admin key out of here.',
  subscription_token: ({ label }) =>
    `This is the token of a subscription, which ${label} takes from its own apps alone. Create an API key.`,
};

/** Says whose key it looks like, by the longest of the prefixes that it begins with. */
function whose(key: string, providers: readonly KeyKind[]): string {
  const [owner] = providers
    .filter(({ key_prefix }) => key_prefix !== null && key.trim().startsWith(key_prefix))
    .sort((one, other) => (other.key_prefix?.length ?? 0) - (one.key_prefix?.length ?? 0));
  return owner === undefined ? 'the key of another provider' : `a key for ${owner.label}`;
}
