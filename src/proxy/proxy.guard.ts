import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { rememberUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { SessionsService } from '../auth/sessions.service';
import { bearerToken, ORG_API_KEY } from '../auth/token';
import { DrainService } from '../health/drain.service';
import { recordOf } from '../logging/request-record';
import { ProxyError } from './proxy-error';

/** Who is calling: a person's TraceVault token, in either of the two headers that Anthropic's clients use. */
@Injectable()
export class ProxyGuard implements CanActivate {
  constructor(
    private readonly sessions: SessionsService,
    private readonly drain: DrainService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.drain.isDraining) throw new ProxyError('draining');
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const user = await this.authenticate(presentedToken(request.headers));
    rememberUser(request, user);
    recordOf(context.switchToHttp().getResponse<ServerResponse>()).userId = user.userId;
    return true;
  }

  private async authenticate(token: string | undefined): Promise<SignedInUser> {
    if (token === undefined) throw new ProxyError('missing_token');
    if (ORG_API_KEY.test(token)) throw new ProxyError('org_api_key');
    if (token.startsWith('sk-ant-')) throw new ProxyError('vendor_key_as_token');
    let user: SignedInUser | undefined;
    try {
      user = await this.sessions.recognize(token);
    } catch (cause) {
      throw new ProxyError('store_unreachable', cause);
    }
    if (user === undefined) throw new ProxyError('unknown_token');
    return user;
  }
}

/** `x-api-key` wins over `Authorization: Bearer`; an empty one counts as not sent. Never a query or a cookie. */
function presentedToken(headers: IncomingHttpHeaders): string | undefined {
  const apiKey = headers['x-api-key']?.toString().trim();
  return apiKey || bearerToken(headers.authorization);
}
