import { ANTHROPIC_KEY_PREFIX, OWN_CREDENTIALS, OwnCredential, prefixOf } from '../config/credential-shapes';
import { Characters } from './searched-text';
import { SecretKind } from './secret-kinds';

/** The format of a secret that is a prefix with a run of characters behind it. */
export interface TokenShape {
  /** A function where the run says more than the prefix does. */
  readonly kind: SecretKind | ((body: string) => SecretKind);
  /** As the source of an expression without groups. */
  readonly prefix: string;
  readonly characters: Characters;
  /** The length of the run behind the prefix. */
  readonly min: number;
  readonly max?: number;
  /** Whether the prefix counts inside a word as well: what follows it can't be anything else. */
  readonly countsWithinWords?: boolean;
  /** Tells whether the start of the run is that of a secret and not of words: at most so many characters as are shown to it. */
  readonly accepts?: (start: string) => boolean;
}

/** Tells keys from words with dashes between them. */
const hasDigit = (start: string): boolean => /[0-9]/.test(start);
/** Tells tokens from what stands for them, as in `xxxxxxxx`. */
const isVaried = (start: string): boolean => new Set(start).size >= 8;

/** Longer prefixes first. Words such as `sk-spinner-wrapper` and names such as `npm_config_cache` have none of these formats. */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  ...(Object.keys(OWN_CREDENTIALS) as OwnCredential[]).map((kind): TokenShape => ({
    kind: 'tracevault_token',
    prefix: prefixOf(kind),
    characters: 'alphanumeric',
    min: 64,
    countsWithinWords: true,
    accepts: (start) => /^[0-9a-f]*$/.test(start) && isVaried(start),
  })),
  {
    kind: 'anthropic_key',
    prefix: ANTHROPIC_KEY_PREFIX,
    characters: 'dashed',
    min: 32,
    countsWithinWords: true,
    accepts: hasDigit,
  },
  { kind: 'openrouter_key', prefix: 'sk-or-', characters: 'dashed', min: 32, accepts: hasDigit },
  {
    kind: 'openai_key',
    prefix: 'sk-(?:proj|svcacct|admin|None)-',
    characters: 'dashed',
    min: 32,
    accepts: hasDigit,
  },
  {
    // Of OpenAI's own older ones, and of the many who have copied them.
    kind: (body) => (body.includes('T3BlbkFJ') ? 'openai_key' : 'api_key'),
    prefix: 'sk-',
    characters: 'alphanumeric',
    min: 32,
    accepts: isVaried,
  },
  { kind: 'google_key', prefix: 'AIza', characters: 'dashed', min: 35, max: 35, accepts: isVaried },
  { kind: 'github_token', prefix: 'github_pat_', characters: 'word', min: 40, accepts: isVaried },
  { kind: 'github_token', prefix: 'gh[oprsu]_', characters: 'alphanumeric', min: 36, accepts: isVaried },
  { kind: 'gitlab_token', prefix: 'glpat-', characters: 'dotted', min: 20, accepts: isVaried },
  { kind: 'npm_token', prefix: 'npm_', characters: 'alphanumeric', min: 36, accepts: isVaried },
  { kind: 'slack_token', prefix: 'xox[abeoprs]-', characters: 'dashed', min: 20, accepts: hasDigit },
  { kind: 'slack_token', prefix: 'xapp-', characters: 'dashed', min: 20, accepts: hasDigit },
  {
    kind: 'stripe_key',
    prefix: '[rs]k_(?:live|test)_',
    characters: 'alphanumeric',
    min: 24,
    accepts: isVaried,
  },
  {
    kind: 'aws_access_key',
    prefix: 'A[KS]IA',
    characters: 'alphanumeric',
    min: 16,
    max: 16,
    accepts: (start) => /^[A-Z0-9]*$/.test(start) && !start.endsWith('EXAMPLE'), // as in Amazon's manuals
  },
];
