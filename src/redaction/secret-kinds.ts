/** The kinds of secrets that are found in what agents say. A mark, a notice and the pages' words go by these names. */
export const SECRET_KINDS = [
  'anthropic_key',
  'openai_key',
  'openrouter_key',
  'google_key',
  'api_key',
  'tracevault_token',
  'github_token',
  'gitlab_token',
  'npm_token',
  'slack_token',
  'stripe_key',
  'aws_access_key',
  'aws_secret_key',
  'private_key',
  'json_web_token',
  'url_password',
] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];

/** A secret in a text, as positions of its bytes. */
export interface Finding {
  readonly kind: SecretKind;
  readonly start: number;
  /** The position behind the last byte. */
  readonly end: number;
  /** Whether it goes on from another place, where its mark stands. */
  readonly isRest?: boolean;
}
