import { IncomingMessage } from 'node:http';

/** A person, signed in. */
export interface SignedInUser {
  readonly userId: string;
  readonly sessionId: string;
}

/** Whoever calls the proxy: a person, by a session or by a token that can do nothing else. */
export type ProxyCaller = SignedInUser | { readonly userId: string; readonly proxyTokenId: string };

/** An org's API key: no person stands behind it. */
export interface OrgKeyHolder {
  readonly orgId: string;
  readonly apiKeyId: string;
}

/** What the guard needs to know of org API keys; the orgs room fulfils it, which knows this room and not the reverse. */
export abstract class OrgKeyVerifier {
  /** Undefined for a key that doesn't exist (any more). */
  abstract findHolder(apiKey: string, request: IncomingMessage): Promise<OrgKeyHolder | undefined>;
}
