import { Injectable } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { TooManyAttempts } from '../api/too-many-attempts';
import { ProxyCaller } from '../auth/principal';
import { maskProxyToken } from '../auth/proxy-token';
import { ProxyTokensService } from '../auth/proxy-tokens.service';
import { SessionsService } from '../auth/sessions.service';
import { bearerToken, isMalformedBearer, ORG_API_KEY } from '../auth/token';
import { Exchange } from '../exchange/exchange';
import { Routes } from '../providers/routes';
import { ProxyError } from './proxy-error';
import { prefixOf } from '../config/credential-shapes';

/** Authenticates the caller by the TraceVault token in one of the headers that the provider's clients use. */
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
    const token = presentedToken(request, provider.tokenHeader);
    if (token === undefined) {
      const { authorization } = request.headers;
      throw new ProxyError(isMalformedBearer(authorization) ? 'malformed_bearer' : 'missing_token');
    }
    if (ORG_API_KEY.test(token)) throw new ProxyError('org_api_key');
    if (token.startsWith(provider.key.prefix)) throw new ProxyError('vendor_key_as_token');
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
    if (found.state === 'live') return { userId: found.userId, proxyTokenId: found.id };
    throw new ProxyError(`proxy_token_${found.state}`, undefined, {
      name: found.name,
      at: found.at.toISOString(),
    });
  }
}

function refusalOf(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  if (!(cause instanceof TooManyAttempts)) return new ProxyError('database_unavailable', cause);
  return new ProxyError('too_many_unknown_tokens', cause, { seconds: String(cause.retryAfterSeconds) });
}

/**
 * Reads the token from the request's headers, never from its query or a cookie. The provider's own header takes precedence
 * over `Authorization: Bearer`; an empty header counts as absent, and one that is repeated with the same value counts once.
 */
function presentedToken(request: IncomingMessage, tokenHeader: string | undefined): string | undefined {
  const { headers } = request;
  if (tokenHeader === undefined) return bearerToken(headers.authorization);
  const token = headers[tokenHeader]?.toString().trim(); // node:http joins repeated headers with commas
  if (token?.includes(',')) {
    const [first, ...others] = request.headersDistinct[tokenHeader] ?? [];
    return others.every((other) => other === first) ? first : token;
  }
  return token || bearerToken(headers.authorization);
}
