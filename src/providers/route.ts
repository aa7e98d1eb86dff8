import { HeaderTable } from './header-table';
import { Provider } from './provider';

/** The headers that carry credentials, whatever the provider. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

/** A provider's row with its lists and patterns compiled, once at the start of the server. */
export class Route {
  /** The table of request headers that are forwarded to the provider. */
  readonly toProvider: HeaderTable;
  /** The table of response headers that are forwarded to the client. */
  readonly toClient: HeaderTable;
  /** The values of the placeholders in error messages. */
  readonly words: Readonly<Record<string, string>>;
  private readonly absoluteForm: RegExp;
  private readonly wrongBehindPrefix: RegExp;
  private readonly wrongAtRoot: RegExp;

  constructor(readonly provider: Provider) {
    const { prefix, tokenHeader, key, wrongBaseUrl } = provider;
    const withheld = new Set([...CREDENTIAL_HEADERS, key.header, ...(tokenHeader ? [tokenHeader] : [])]);
    this.toProvider = new HeaderTable(provider.requestHeaders, withheld);
    this.toClient = new HeaderTable(provider.responseHeaders, withheld);
    this.words = wordsOf(provider);
    // A target in absolute form (RFC 9112 3.2.2) whose path is below the prefix
    this.absoluteForm = new RegExp(`^https?://[^/?#]*${escaped(prefix)}(?![^/?#])`, 'i');
    this.wrongBehindPrefix = startingWith(wrongBaseUrl.behindPrefix.map((path) => prefix + path));
    this.wrongAtRoot = startingWith(wrongBaseUrl.atRoot);
  }

  /** Tells whether a request's raw target is below the prefix. */
  isBelow(target: string): boolean {
    const { prefix } = this.provider;
    if (!target.startsWith(prefix)) return this.absoluteForm.test(target);
    const following = target[prefix.length];
    return following === undefined || following === '/' || following === '?';
  }

  /** Tells whether a raw target below the prefix is one of a client with a wrong base URL. */
  isWrongBehindPrefix(target: string): boolean {
    return this.wrongBehindPrefix.test(target);
  }

  /** Tells whether a raw target that is below no prefix is one of this provider's clients with a wrong base URL. */
  isWrongAtRoot(target: string): boolean {
    return this.wrongAtRoot.test(target);
  }
}

function wordsOf({ name, prefix, key, bodyLimits, clients, wrongBaseUrl }: Provider): Record<string, string> {
  return {
    provider: name,
    prefix,
    aKey: key.called,
    keyEndpoint: key.endpoint,
    baseUrlVariable: clients.baseUrl,
    baseUrlAdvice: wrongBaseUrl.advice,
    bearerVariable: clients.bearer,
    tokenVariables: clients.tokens.map(({ variable, header }) => `${variable} (${header})`).join(' or '),
    bodyLimits: [
      inMebibytes(bodyLimits.byDefault),
      ...bodyLimits.byPath.map(({ path, bytes }) => `${inMebibytes(bytes)} for ${path.slice(1)}`),
    ].join(', '),
  };
}

/** Formats a number of bytes in MiB. */
export function inMebibytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

/** Builds a pattern for any of these paths and the paths below them. */
function startingWith(paths: readonly string[]): RegExp {
  return paths.length === 0 ? /(?!)/ : new RegExp(`^(?:${paths.map(escaped).join('|')})(?:[/?]|$)`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
