import { Injectable } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { TooManyAttempts } from '../api/too-many-attempts';
import { ProxyCaller } from '../auth/principal';
import { maskProxyToken } from '../auth/proxy-token';
import { ProxyTokensService } from '../auth/proxy-tokens.service';
import { SessionsService } from '../auth/sessions.service';
import { bearerToken, isMalformedBearer, ORG_API_KEY } from '../auth/token';
import { Exchange } from '../exchange/exchange';
import { asksForUpgrade } from '../exchange/upgrade';
import { Provider } from '../providers/provider';
import { Routes } from '../providers/routes';
import { ProxyError } from './proxy-error';
import { queryToken } from './query-token';
import { SUB_PROTOCOLS, subProtocolToken } from './sub-protocols';
import { prefixOf } from '../config/credential-shapes';

/** Authenticates the caller by the TraceVault token where the provider's clients send it: a header, or for some the query. */
@Injectable()
export class CallerAuthentication {
  constructor(
    private readonly sessions: SessionsService,
    private readonly proxyTokens: ProxyTokensService,
    private readonly routes: Routes,
  ) {}

  /**
   * Returns the caller of a request; a token that was verified a moment ago is a cache hit.
   * @throws ProxyError with the reason when the token is missing, malformed, unknown, expired or revoked, when too many
   * unknown tokens came from the client's address, or when the database is unavailable.
   */
  async authenticate(exchange: Exchange): Promise<ProxyCaller> {
    const { request } = exchange;
    const { provider } = this.routes.get(exchange.providerId);
    const inHeaders = presentedToken(request, provider.tokenHeaders);
    if (inHeaders === undefined && isMalformedBearer(request.headers.authorization))
      throw new ProxyError('malformed_bearer');
    const token =
      inHeaders ??
      tokenOfUpgrade(request, provider) ??
      queryToken(exchange.target, provider.tokenParameters.accepted);
    if (token === undefined) throw new ProxyError('missing_token');
    if (ORG_API_KEY.test(token)) throw new ProxyError('org_api_key');
    const owner = this.routes.ownerOfKey(token);
    if (owner !== undefined)
      throw new ProxyError('vendor_key_as_token', undefined, {
        aKey: owner.key.called,
        provider: owner.name,
      });
    let caller: ProxyCaller | undefined;
    try {
      caller = token.startsWith(prefixOf('tvp'))
        ? await this.byProxyToken(token, exchange)
        : await this.sessions.authenticateCached(token, request);
    } catch (cause) {
      throw refusalOf(cause);
    }
    if (caller === undefined) throw new ProxyError('unknown_token');
    return caller;
  }

  private async byProxyToken(token: string, exchange: Exchange): Promise<ProxyCaller | undefined> {
    const found = await this.proxyTokens.authenticateCached(token, exchange.request);
    if (found === undefined) return undefined;
    exchange.proxyTokenId = found.id;
    exchange.maskedProxyToken = maskProxyToken(token);
    if (found.state === 'live') return { userId: found.userId, proxyTokenId: found.id, orgId: found.orgId };
    throw new ProxyError(`proxy_token_${found.state}`, undefined, {
      name: found.name,
      at: found.at.toISOString(),
    });
  }
}

/** Reads the token of a WebSocket from its sub-protocols, if the provider's clients may send it there. */
function tokenOfUpgrade(request: IncomingMessage, { webSockets }: Provider): string | undefined {
  if (webSockets === undefined || !asksForUpgrade(request)) return undefined;
  return subProtocolToken(request.headers[SUB_PROTOCOLS], webSockets);
}

function refusalOf(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  if (!(cause instanceof TooManyAttempts)) return new ProxyError('database_unavailable', cause);
  return new ProxyError('too_many_unknown_tokens', cause, { seconds: String(cause.retryAfterSeconds) });
}

/**
 * Reads the token from the request's headers, never from a cookie. The provider's own headers take precedence
 * over `Authorization: Bearer`; an empty header counts as absent, and one that is repeated with the same value counts once.
 */
function presentedToken(request: IncomingMessage, tokenHeaders: readonly string[]): string | undefined {
  for (const name of tokenHeaders) {
    const token = request.headers[name]?.toString().trim(); // node:http joins repeated headers with commas
    if (!token) continue;
    if (!token.includes(',')) return token;
    const [first, ...others] = request.headersDistinct[name] ?? [];
    return others.every((other) => other === first) ? first : token;
  }
  return bearerToken(request.headers.authorization);
}
