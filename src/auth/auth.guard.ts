import { CanActivate, ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Request, Response } from 'express';
import { ApiException } from '../api/api.exception';
import { PUBLIC_METADATA } from '../api/public';
import { CONFIG, Config } from '../config/config';
import { exchangeOf } from '../exchange/exchange-of';
import { AuthFailure } from '../exchange/facts';
import { OrgKeyVerifier } from './principal';
import { isSameOrigin, PAGE_SHARE_HEADER, sessionCookie } from './session-cookie';
import { isProxyToken, maskProxyToken } from './proxy-token';
import { ProxyTokensService } from './proxy-tokens.service';
import { SessionsService } from './sessions.service';
import { API_TOKEN, bearerToken, isMalformedBearer, ORG_API_KEY } from './token';

const MISSING =
  'Not signed in. Sign in with POST /api/v1/auth/login and send its token as "Authorization: Bearer tvs_...".';
const UNKNOWN =
  'The token is unknown, or its session was revoked or has expired. Sign in again with POST /api/v1/auth/login.';
const MALFORMED =
  'The Authorization header must be the word Bearer, one space and the token, and nothing else: "Authorization: Bearer tvs_...".';
const ALONE =
  `The session cookie came without the page's share of it (the header "${PAGE_SHARE_HEADER}"), and opens nothing alone. ` +
  'Sign in again, or authenticate with "Authorization: Bearer tvs_...".';

/**
 * The header in which a page sends the id of the user it shows, with each request, and the server the id of the user whose data
 * a response contains: a page also sends requests before it knows who is signed in.
 */
const SHOWN_USER_HEADER = 'x-tracevault-shown-user';
const OTHER_PERSON = 'Somebody else is signed in in this browser now. Load the page again.';

/**
 * The guard of everything under /api that is not `@Public()`: admits signed-in users, and tells all others why they are
 * refused.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
    private readonly proxyTokens: ProxyTokensService,
    private readonly orgKeys: OrgKeyVerifier,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (
      this.reflector.getAllAndOverride<boolean>(PUBLIC_METADATA, [context.getHandler(), context.getClass()])
    )
      return true;
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();

    const token = this.presentedToken(request, response);
    if (token !== undefined && isProxyToken(token)) await this.refuseProxyToken(token, request, response);
    const user = token === undefined ? undefined : await this.sessions.authenticate(token, request);
    if (user !== undefined) {
      const shown = request.headers[SHOWN_USER_HEADER];
      // Another user has signed in from another tab: the cookie is theirs, but the input on this page is not.
      if (shown !== undefined && shown !== user.userId)
        refuse(response, 'other_person', new ApiException('other_user_signed_in', OTHER_PERSON));
      response.setHeader(SHOWN_USER_HEADER, user.userId);
      exchangeOf(response).caller = user;
      return true;
    }
    if (
      token !== undefined &&
      ORG_API_KEY.test(token) &&
      (await this.orgKeys.findHolder(token, request)) !== undefined
    ) {
      exchangeOf(response).authFailure = 'org_api_key';
      throw new ApiException(
        'org_api_key_refused',
        "An organization's API key can't do this: it is for a signed-in person, and the proxy and its keys are per person. " +
          'Sign in and use your own session token (tvs_...).',
      );
    }
    if (token === undefined) refuse(response, 'missing_token', new ApiException('missing_token', MISSING));
    refuse(response, 'unknown_token', new ApiException('invalid_token', UNKNOWN));
  }

  /** Refuses a proxy token, even an expired, revoked or unknown one, because none is accepted here. */
  private async refuseProxyToken(token: string, request: Request, response: Response): Promise<never> {
    const exchange = exchangeOf(response);
    exchange.authFailure = 'proxy_token';
    exchange.proxyTokenId = await this.proxyTokens.idOf(token, request);
    if (exchange.proxyTokenId !== undefined) exchange.maskedProxyToken = maskProxyToken(token);
    throw new ApiException(
      'proxy_token_refused',
      "A proxy token (tvp_...) can call the proxy and nothing else. Sign in, and use your session's token (tvs_...) here.",
    );
  }

  /**
   * Returns the session token that a request presents. A TraceVault token in the Authorization header takes precedence
   * over the cookie. Any other value there is not for this server, but for a gateway in front that asks for a password,
   * for example. The cookie, which a browser attaches by itself, is accepted only from a page of this server.
   */
  private presentedToken(request: Request, response: Response): string | undefined {
    const { authorization } = request.headers;
    const bearer = bearerToken(authorization);
    if (bearer !== undefined && API_TOKEN.test(bearer)) return bearer;
    const { publicUrl } = this.config.http;
    const cookie = sessionCookie(request, publicUrl);
    if (cookie === undefined && isMalformedBearer(authorization))
      refuse(
        response,
        'malformed_bearer',
        new ApiException('malformed_bearer', MALFORMED, { field: 'authorization' }),
      );
    if (cookie === undefined) return authorization === undefined ? undefined : '';
    if (!isSameOrigin(request, publicUrl)) {
      exchangeOf(response).authFailure = 'cross_origin';
      throw new ApiException(
        'cross_origin',
        'A request with the session cookie has to come from a page of this server. Open the page at its public URL ' +
          '(TRACEVAULT_PUBLIC_URL), or authenticate with "Authorization: Bearer tvs_...".',
      );
    }
    if (cookie.token === undefined)
      refuse(
        response,
        'missing_token',
        new ApiException('missing_page_share', ALONE, { field: PAGE_SHARE_HEADER.toLowerCase() }),
      );
    return cookie.token;
  }
}

function refuse(response: Response, reason: AuthFailure, refusal: ApiException): never {
  exchangeOf(response).authFailure = reason;
  response.setHeader('WWW-Authenticate', 'Bearer');
  throw refusal;
}
