import { HeaderTable } from './header-table';
import { Provider } from './provider';

/** The headers that carry credentials, whatever the provider. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

/** A provider's row with its lists and patterns compiled, once at the start of the server. */
export class Route {
  /** The table of request headers that are forwarded to the provider. */
  readonly toProvider: HeaderTable;
  /** The same table for a request with the caller's own key. */
  readonly toProviderWithOwnKey: HeaderTable;
  /** The table of response headers that are forwarded to the client. */
  readonly toClient: HeaderTable;
  /** The values of the placeholders in error messages. */
  readonly words: Readonly<Record<string, string>>;
  private readonly absoluteForm: RegExp;
  private readonly wrongBehindPrefix: RegExp;

  constructor(readonly provider: Provider) {
    const { prefix, tokenHeaders, key, wrongBaseUrl, resumableUploads } = provider;
    const withheld = new Set([...CREDENTIAL_HEADERS, key.header, ...tokenHeaders]);
    const { names, families, withOwnKey } = provider.requestHeaders;
    this.toProvider = new HeaderTable({ names, families }, new Set([...withheld, ...withOwnKey]));
    this.toProviderWithOwnKey = new HeaderTable({ names: [...names, ...withOwnKey], families }, withheld);
    const fromProvider = resumableUploads === undefined ? [] : [resumableUploads.urlHeader];
    this.toClient = new HeaderTable(provider.responseHeaders, new Set([...withheld, ...fromProvider]));
    this.words = wordsOf(provider);
    // A target in absolute form (RFC 9112 3.2.2) whose path is below the prefix
    this.absoluteForm = new RegExp(`^https?://[^/?#]*${escaped(prefix)}(?![^/?#])`, 'i');
    this.wrongBehindPrefix = startingWith(wrongBaseUrl.behindPrefix.map((path) => prefix + path));
  }

  /** Tells whether a request's raw target is below the prefix. */
  isBelow(target: string): boolean {
    const { prefix } = this.provider;
    if (!target.startsWith(prefix)) return this.absoluteForm.test(target);
    const following = target[prefix.length];
    return following === undefined || following === '/' || following === '?';
  }

  /** Tells whether the provider speaks WebSockets at a raw target below the prefix, query aside. */
  speaksWebSocketsAt(target: string): boolean {
    const { prefix, webSockets } = this.provider;
    if (webSockets === undefined || !target.startsWith(prefix)) return false;
    const [path = ''] = target.slice(prefix.length).split('?', 1);
    return webSockets.paths.includes(path);
  }

  /** Tells whether a request begins an upload that would go on past this server. */
  beginsResumableUpload(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
    const { resumableUploads } = this.provider;
    if (resumableUploads === undefined) return false;
    return String(headers[resumableUploads.header]).toLowerCase().includes(resumableUploads.value);
  }

  /** Tells whether a raw target below the prefix is one of a client with a wrong base URL. */
  isWrongBehindPrefix(target: string): boolean {
    return this.wrongBehindPrefix.test(target);
  }
}

function wordsOf({
  name,
  prefix,
  key,
  bodyLimits,
  clients,
  wrongBaseUrl,
  resumableUploads,
}: Provider): Record<string, string> {
  return {
    uploadInstead: resumableUploads?.instead ?? '',
    provider: name,
    prefix,
    aKey: key.called,
    keyEndpoint: key.endpoint,
    clientPath: clients.path,
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
