import { All, Controller, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Public } from '../api/public';
import { CredentialsService } from '../credentials/credentials.service';
import { DecryptionError } from '../credentials/encryption.service';
import { exchangeOf } from '../exchange/exchange-of';
import { Caller } from '../exchange/facts';
import { ConcurrencyLimits } from '../limits/concurrency-limits';
import { PREFIXES } from '../providers/providers';
import { Routes } from '../providers/routes';
import { bodyLimit } from './body-limit';
import { ForwardingService } from './forwarding.service';
import { upstreamPath } from './path-guard';
import { ProxyError } from './proxy-error';
import { ProxyErrorFilter } from './proxy-error.filter';
import { ProxyGuard } from './proxy.guard';

/**
 * Handles every proxy request. The guard has authenticated the caller; the controller admits the request, decrypts the
 * caller's key and forwards the request, whose response is streamed back.
 */
@Controller()
@Public() // opts out of the API's guard; ProxyGuard responds in the provider's envelope instead
@UseGuards(ProxyGuard)
@UseFilters(ProxyErrorFilter)
@SkipThrottle() // an agent's two hundred parallel calls are normal
@ApiExcludeController() // described by hand in proxy.openapi.ts: one handler, many endpoints
export class ProxyController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly forwarding: ForwardingService,
    private readonly limits: ConcurrencyLimits,
    private readonly routes: Routes,
  ) {}

  @All(PREFIXES)
  async forward(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const exchange = exchangeOf(response);
    const { caller } = exchange;
    if (caller === undefined) throw new Error('No guard has found out who is calling');
    if (request.method === 'TRACE') throw new ProxyError('trace_refused');
    const route = this.routes.get(exchange.providerId);
    const { id, prefix, bodyLimits } = route.provider;
    const path = upstreamPath(request.url ?? '', prefix);
    const refusal = this.limits.admit(exchange);
    if (refusal !== undefined) throw new ProxyError(refusal);
    const key = await this.keyOf(caller, id);
    exchange.sendRequest();
    await this.forwarding.forward(exchange, { route, path, bodyLimit: bodyLimit(bodyLimits, path), key });
  }

  private async keyOf({ userId }: Caller, providerId: string): Promise<string> {
    let key: string | undefined;
    try {
      key = await this.credentials.reveal(userId, providerId);
    } catch (cause) {
      throw new ProxyError(
        cause instanceof DecryptionError ? 'key_unreadable' : 'database_unavailable',
        cause,
      );
    }
    if (key === undefined) throw new ProxyError('no_anthropic_key');
    return key;
  }
}
