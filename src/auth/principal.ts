import { IncomingMessage } from 'node:http';

/** A user with a session. */
export interface SignedInUser {
  readonly userId: string;
  readonly sessionId: string;
}

/** A caller of the proxy: a user, by a session or by a proxy token, which gives access to nothing else. */
export type ProxyCaller =
  | SignedInUser
  | {
      readonly userId: string;
      readonly proxyTokenId: string;
      /** The organization of the token, if it has one. */
      readonly orgId: string | null;
    };

/** The caller with an organization's API key, which is not bound to a user. */
export interface OrgKeyHolder {
  readonly orgId: string;
  readonly apiKeyId: string;
}

/**
 * Verifies API keys of organizations for the guard. The orgs room implements it, because this room must not depend on that
 * one.
 */
export abstract class OrgKeyVerifier {
  /** Returns the holder of an API key, or undefined when the key is unknown or revoked. */
  abstract findHolder(apiKey: string, request: IncomingMessage): Promise<OrgKeyHolder | undefined>;
}
