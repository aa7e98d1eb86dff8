import { Dialect } from '../config/operator-provider';
import { MeteredEndpoint } from './metered-endpoint';
import { ProviderExplorer } from './provider-explorer';

/**
 * Everything that distinguishes one LLM provider from another: its row in the table (`providers.ts`). Supporting another
 * provider means adding a row. Code that handles requests receives a row and contains none of these values itself, which
 * test/providers.spec.ts verifies.
 */
export interface Provider {
  /** The provider's id, in lower case, as used in the configuration (`upstream.baseUrls`), in logs and in metrics. */
  readonly id: string;
  /** The provider's name, as shown to people. */
  readonly name: string;
  /** The API that the provider speaks. */
  readonly dialect: Dialect;
  /** Whether the operator lets people use it. */
  readonly enabled: boolean;
  /** The path on this server below which the provider's API is available, without a trailing slash. */
  readonly prefix: string;
  /** The default base URL of the provider's API, without a trailing slash; the configuration can override it. */
  readonly origin: string;
  /**
   * The headers in which clients send their token, in lower case; the first that is not empty counts. `Authorization: Bearer`
   * always works and comes after them.
   */
  readonly tokenHeaders: readonly string[];
  readonly tokenParameters: TokenParameters;
  readonly key: ProviderKey;
  /** The request headers that are forwarded to the provider. */
  readonly requestHeaders: PassingRequestHeaders;
  /** The response headers that are forwarded to the client. */
  readonly responseHeaders: PassingHeaders;
  readonly bodyLimits: BodyLimits;
  /** The uploads that would go past this server; undefined if the provider has none. */
  readonly resumableUploads?: ResumableUploads;
  /** The endpoints whose calls are named in the ledger; the first one that matches a request applies. */
  readonly metered: readonly MeteredEndpoint[];
  /** The request headers, in lower case, in which agents say which run of theirs a call belongs to. */
  readonly agentHeaders: AgentHeaders;
  readonly errors: ProviderErrors;
  readonly wrongBaseUrl: WrongBaseUrl;
  /** How its WebSockets are opened; undefined for a provider without any. */
  readonly webSockets: WebSockets | undefined;
  readonly keyCheck: KeyCheckRequest;
  readonly clients: ProviderClients;
  readonly explorer: ProviderExplorer;
}

/** The names of query parameters that carry credentials, in lower case. */
export interface TokenParameters {
  /** Those in which clients may send their token when no header has one. */
  readonly accepted: readonly string[];
  /** Those that are never forwarded, the accepted ones among them, since a credential in a URL ends up in logs. */
  readonly withheld: readonly string[];
}

/** The shape of a provider's API keys, and how they are sent to it. */
export interface ProviderKey {
  /** The name of a key with its article, for use in sentences: `an Anthropic key`. */
  readonly called: string;
  /** The prefix of every key; empty if keys have none, which holds for the operator's own providers. */
  readonly prefix: string;
  /** The maximum length of a key, in characters. */
  readonly maxLength: number;
  /** Other credentials with the same prefix that can't be used as a key. `problem` completes a sentence that begins "key is". */
  readonly otherKinds: readonly {
    readonly prefix: string;
    /** The error code of this server's API. */
    readonly code: 'admin_key' | 'subscription_token';
    readonly problem: string;
  }[];
  /** The header that carries the key to the provider, in lower case. */
  readonly header: string;
  /** The text before the key in that header: `Bearer ` or nothing. */
  readonly scheme: '' | 'Bearer ';
  /** The path of this server's endpoint for storing a key. */
  readonly endpoint: string;
}

/**
 * The names of forwarded headers, in lower case. All other headers are dropped. So are, even if they are in these lists, the
 * headers that carry credentials: `authorization`, `cookie`, the token header and the key header.
 */
export interface PassingHeaders {
  readonly names: readonly string[];
  /** Prefixes of header names that all pass, so that headers which the provider adds later pass as well. */
  readonly families: readonly string[];
}

/** The request headers that are forwarded; some of them name an account and so belong to the key of its owner. */
interface PassingRequestHeaders extends PassingHeaders {
  /** The names of headers that are forwarded only with the caller's own key, and never with an organization's. */
  readonly withOwnKey: readonly string[];
}

/** The names of headers of agents, the most specific ones first. */
interface AgentHeaders {
  readonly session: readonly string[];
  /** The id of a subagent, or of a thread. */
  readonly agent: readonly string[];
  readonly parentAgent: readonly string[];
}

/**
 * Uploads that begin with a request whose answer has an absolute URL of the provider's for the rest. Clients would send the
 * rest there with the headers of the first request, the token of this server among them: they are refused.
 */
interface ResumableUploads {
  /** The request header that asks for one, in lower case, and its value. */
  readonly header: string;
  readonly value: string;
  /** The response header with the absolute URL, in lower case; it is never forwarded. */
  readonly urlHeader: string;
  /** What to do instead: completes a sentence that begins "Send the file in one request". */
  readonly instead: string;
}

/** The maximum sizes of request bodies, in bytes. */
export interface BodyLimits {
  readonly byDefault: number;
  /** Limits for paths of the provider's API, each including the paths below it. */
  readonly byPath: readonly { readonly path: string; readonly bytes: number }[];
}

/** The format of the provider's errors, so that unmodified clients handle the proxy's own errors like the provider's. */
export interface ProviderErrors {
  readonly contentType: string;
  /** Renders the body of an error response. */
  readonly envelope: (error: ProviderErrorFacts) => string;
  /** The response headers that carry a request id, in lower case; the proxy's own errors use the first one. */
  readonly requestIdHeaders: readonly [string, ...string[]];
  /** The header that keeps clients from retrying a request that can't succeed. */
  readonly noRetry: readonly [name: string, value: string];
}

/** A limit of an organization that a request has reached. */
export interface ReachedLimit {
  readonly kind: 'spend' | 'rate';
  /** When it begins again, in seconds since 1970. */
  readonly resetsAt: number;
  readonly secondsLeft: number;
}

/** The values from which an error response is rendered. */
interface ProviderErrorFacts {
  readonly status: number;
  /** The error type, one of those that src/proxy/proxy-error.ts lists. */
  readonly type: string;
  readonly message: string;
  /** The limit that was reached, if one was, and when it begins again. */
  readonly limit?: ReachedLimit | undefined;
  /** The exchange's id; undefined if the request could not be parsed, since there is then no exchange. */
  readonly requestId: string | undefined;
}

/** The paths that clients with a wrong base URL request. No page or endpoint of this server has such a path. */
interface WrongBaseUrl {
  /** Paths at the root of the server. If several providers list the same one, the first row of the table applies. */
  readonly atRoot: readonly string[];
  /** Paths below the prefix that the provider's API does not have. */
  readonly behindPrefix: readonly string[];
  /** The text that follows the correct base URL in the error: `: without /v1, which clients add themselves`. */
  readonly advice: string;
}

/** The WebSockets of a provider. Sub-protocols stand in `Sec-WebSocket-Protocol`; those that are not named here pass. */
export interface WebSockets {
  /** The paths of the provider's API at which it speaks WebSockets. */
  readonly paths: readonly string[];
  /** The prefix of the sub-protocol in which clients without headers (browsers) send their token. It is never forwarded. */
  readonly tokenProtocol: string;
  /** The prefixes of sub-protocols that are forwarded only with the caller's own key, like headers that name an account. */
  readonly withOwnKey: readonly string[];
}

/** The cheapest request that succeeds only with a working key. */
interface KeyCheckRequest {
  readonly path: string;
  /** The headers as a flat list: name, value, name, value, ...; the key's header is appended. */
  readonly headers: readonly string[];
  /** The statuses with which the provider refuses a key; another error says nothing about the key. */
  readonly refusals: readonly number[];
  /** Matches the body of an error that refuses a key with a status that has other meanings, too. */
  readonly refusalText?: RegExp;
}

/** The environment variables that the provider's clients read. */
interface ProviderClients {
  /** The name of the variable for the base URL. */
  readonly baseUrl: string;
  /** The variables for a token, each with the header in which clients send it, as shown in messages. */
  readonly tokens: readonly { readonly variable: string; readonly header: string }[];
  /** The variable whose token clients send as `Authorization: Bearer`. */
  readonly bearer: string;
  /** The path that clients need at the end of their base URL, behind the prefix: `/v1` or nothing. */
  readonly path: string;
}
