import { HeaderTable } from './header-table';
import { Provider } from './provider';

/** What is a credential at any provider's. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

/** A provider's row, made ready for requests: once, when the server starts. */
export class Route {
  /** By which client headers go to the provider. */
  readonly toProvider: HeaderTable;
  /** By which the provider's headers go to the client. */
  readonly toClient: HeaderTable;
  /** What the messages of errors leave open: the row in words. */
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
    // RFC 9112 3.2.2, for a target below the prefix
    this.absoluteForm = new RegExp(`^https?://[^/?#]*${escaped(prefix)}(?![^/?#])`, 'i');
    this.wrongBehindPrefix = startingWith(wrongBaseUrl.behindPrefix.map((path) => prefix + path));
    this.wrongAtRoot = startingWith(wrongBaseUrl.atRoot);
  }

  /** Whether a request's raw target is below the prefix. */
  isBelow(target: string): boolean {
    const { prefix } = this.provider;
    if (!target.startsWith(prefix)) return this.absoluteForm.test(target);
    const following = target[prefix.length];
    return following === undefined || following === '/' || following === '?';
  }

  /** Whether a raw target below the prefix says that the client's base URL is wrong. */
  isWrongBehindPrefix(target: string): boolean {
    return this.wrongBehindPrefix.test(target);
  }

  /** Whether a raw target that is below no prefix is where this provider's clients end up whose base URL is wrong. */
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

export function inMebibytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

/** Any of these paths, whole or with more behind it. */
function startingWith(paths: readonly string[]): RegExp {
  return paths.length === 0 ? /(?!)/ : new RegExp(`^(?:${paths.map(escaped).join('|')})(?:[/?]|$)`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
