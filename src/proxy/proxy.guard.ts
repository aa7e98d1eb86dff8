import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';
import { headError } from '../api/head-error';
import { DrainService } from '../server/drain.service';
import { exchangeOf } from '../exchange/exchange-of';
import { Routes } from '../providers/routes';
import { CallerAuthentication } from './caller-authentication';
import { ProxyError } from './proxy-error';

/**
 * Authenticates the caller of a proxy request. Refuses requests while the server drains, requests with more than one
 * Host or too many headers, and requests outside a provider's prefix.
 */
@Injectable()
export class ProxyGuard implements CanActivate {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly drain: DrainService,
    private readonly routes: Routes,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.drain.isDraining) throw new ProxyError('draining');
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const ambiguity = headError(request.rawHeaders);
    if (ambiguity !== undefined) throw new ProxyError(ambiguity);
    const exchange = exchangeOf(context.switchToHttp().getResponse<ServerResponse>());
    const route = this.routes.get(exchange.providerId);
    const unknown = exchange.area === 'proxy' ? undefined : this.routes.unknownId(exchange.target);
    if (unknown !== undefined)
      throw new ProxyError('unknown_provider', undefined, { providers: this.enabledIds() });
    if (!route.provider.enabled && exchange.area === 'proxy')
      throw new ProxyError('provider_disabled', undefined, { providers: this.enabledIds() });
    if (exchange.area !== 'proxy' || route.isWrongBehindPrefix(exchange.target))
      throw new ProxyError('wrong_base_url');
    exchange.caller = await this.callers.authenticate(exchange);
    return true;
  }

  private enabledIds(): string {
    const ids = this.routes.enabled().map(({ provider }) => provider.id);
    return ids.length === 0 ? 'none' : ids.join(', ');
  }
}
