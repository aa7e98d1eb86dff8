import { ProviderExplorer } from './provider-explorer';

/**
 * Everything that tells one LLM provider from another: its row in the table (`providers.ts`). A second provider is a second
 * row. Whoever handles a request is given a row and spells none of this; test/providers.spec.ts holds that.
 */
export interface Provider {
  /** Lower case. The name in the configuration (`upstream.baseUrls`), and what logs and metrics call it. */
  readonly id: string;
  /** How people call it. */
  readonly name: string;
  /** The path below which its API is, without a trailing slash. */
  readonly prefix: string;
  /** The base URL of its API when the configuration names no other one, without a trailing slash. */
  readonly origin: string;
  /** The header in which its clients show their token, in lower case. Without it they use `Authorization: Bearer`, as they all may. */
  readonly tokenHeader: string | undefined;
  readonly key: ProviderKey;
  /** The client's headers that go to the provider. */
  readonly requestHeaders: PassingHeaders;
  /** The provider's headers that go to the client. */
  readonly responseHeaders: PassingHeaders;
  readonly bodyLimits: BodyLimits;
  readonly errors: ProviderErrors;
  readonly wrongBaseUrl: WrongBaseUrl;
  readonly keyCheck: KeyCheckRequest;
  readonly clients: ProviderClients;
  readonly explorer: ProviderExplorer;
}

/** A stored key: what it looks like, and how it is sent. */
interface ProviderKey {
  /** A key in a sentence: `an Anthropic key`. */
  readonly called: string;
  /** What every key begins with. */
  readonly prefix: string;
  readonly maxLength: number;
  /** What begins like a key and can't be used as one: what is said of it, behind the words "key is". */
  readonly otherKinds: readonly {
    readonly prefix: string;
    /** The API's code for it. */
    readonly code: 'admin_key' | 'subscription_token';
    readonly problem: string;
  }[];
  /** The header that carries the key to the provider, in lower case. */
  readonly header: string;
  /** What stands in front of the key in that header: `Bearer `, or nothing. */
  readonly scheme: '' | 'Bearer ';
  /** This server's endpoint by which a person stores one. */
  readonly endpoint: string;
}

/**
 * Header names that pass, in lower case. Everything else stays behind, and so does always, whatever the lists say, what
 * carries a credential: `authorization`, `cookie`, the token header and the key header.
 */
export interface PassingHeaders {
  readonly names: readonly string[];
  /** What the names of open families begin with: a header that the provider adds tomorrow passes as well. */
  readonly families: readonly string[];
}

/** How large a request's body may be, in bytes. */
export interface BodyLimits {
  readonly byDefault: number;
  /** Paths of the API, each with everything below it. */
  readonly byPath: readonly { readonly path: string; readonly bytes: number }[];
}

/** How this provider says no, so that unmodified clients take a refusal of ours down their own error path. */
export interface ProviderErrors {
  readonly contentType: string;
  /** Renders the body. */
  readonly envelope: (error: ProviderErrorFacts) => string;
  /** The response headers that carry a request id, in lower case; ours is sent in the first one. */
  readonly requestIdHeaders: readonly [string, ...string[]];
  /** The header that keeps clients from sending again what can't get better. */
  readonly noRetry: readonly [name: string, value: string];
}

interface ProviderErrorFacts {
  readonly status: number;
  /** One of the few that src/proxy/proxy-error.ts lists. */
  readonly type: string;
  readonly message: string;
  /** Undefined where there is no exchange: the request could not be read. */
  readonly requestId: string | undefined;
}

/** Where clients end up whose base URL is wrong. No page and no endpoint of this server has such a path. */
interface WrongBaseUrl {
  /** Paths at the root. Where several providers name the same one, the first row of the table answers. */
  readonly atRoot: readonly string[];
  /** Paths behind the prefix, which the provider does not have. */
  readonly behindPrefix: readonly string[];
  /** What is said behind the right base URL: `: without /v1, which clients add themselves`. */
  readonly advice: string;
}

/** The cheapest request that only a working key gets an answer to. */
interface KeyCheckRequest {
  readonly path: string;
  /** Name, value, name, value, ...; the key comes behind them. */
  readonly headers: readonly string[];
  /** Statuses by which the provider says that it does not take the key; any other error says nothing about it. */
  readonly refusals: readonly number[];
}

/** The environment variables that its clients read. */
interface ProviderClients {
  readonly baseUrl: string;
  /** Each for a token, with the header in which it is sent, as people are told. */
  readonly tokens: readonly { readonly variable: string; readonly header: string }[];
  /** That one of them which is sent as `Authorization: Bearer`. */
  readonly bearer: string;
}
