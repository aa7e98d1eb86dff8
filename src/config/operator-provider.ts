/** The APIs that a provider can speak. */
export const DIALECTS = ['anthropic', 'openai', 'gemini'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** The dialects of the providers that the server knows without configuration; a test holds providers/providers.ts to it. */
export const BUILT_IN_DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['anthropic', 'anthropic'],
  ['openai', 'openai'],
  ['gemini', 'gemini'],
  ['openrouter', 'openai'],
]);

/** An entry of the operator's file: a provider of the operator's own, or a change to a built-in one. */
export interface OperatorProvider {
  readonly id: string;
  /** Undefined for a built-in provider, whose dialect can't be changed. */
  readonly dialect: Dialect | undefined;
  /** Without a trailing slash; undefined only for a built-in provider with its own origin. */
  readonly baseUrl: string | undefined;
  readonly label: string | undefined;
  /** `api-key` if the key is sent in a header of that name, as Azure wants it; undefined for the dialect's own header. */
  readonly credential: 'api-key' | undefined;
  readonly enabled: boolean;
}

/** Returns the dialect of a provider by its id; undefined if there is no such provider. */
export function dialectOf(id: string, operatorProviders: readonly OperatorProvider[]): Dialect | undefined {
  return BUILT_IN_DIALECTS.get(id) ?? operatorProviders.find((provider) => provider.id === id)?.dialect;
}
