import { All, Controller, Inject, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Public } from '../api/public';
import { CONFIG, Config } from '../config/config';
import { exchangeOf } from '../exchange/exchange-of';
import { asksForUpgrade, asksForWebSocket, isSwitching } from '../exchange/upgrade';
import { ConcurrencyLimits } from '../limits/concurrency-limits';
import { Route } from '../providers/route';
import { PROXY_PATH, Routes } from '../providers/routes';
import { Admission } from './admission';
import { bodyLimit } from './body-limit';
import { ForwardingService } from './forwarding.service';
import { KeyOfCall } from './key-of-call';
import { upstreamPath } from './path-guard';
import { ProxyError } from './proxy-error';
import { ProxyErrorFilter } from './proxy-error.filter';
import { ProxyGuard } from './proxy.guard';
import { withoutQueryTokens } from './query-token';

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
    private readonly keys: KeyOfCall,
    private readonly forwarding: ForwardingService,
    private readonly limits: ConcurrencyLimits,
    private readonly admission: Admission,
    private readonly routes: Routes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @All(PROXY_PATH)
  async forward(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const exchange = exchangeOf(response);
    if (request.method === 'TRACE') throw new ProxyError('trace_refused');
    const route = this.routes.get(exchange.providerId);
    const { prefix, bodyLimits, tokenParameters } = route.provider;
    const path = withoutQueryTokens(upstreamPath(request.url ?? '', prefix), tokenParameters.withheld);
    if (route.beginsResumableUpload(request.headers)) throw new ProxyError('resumable_upload');
    const refusal = this.limits.admit(exchange);
    if (refusal !== undefined) throw new ProxyError(refusal);
    if (asksForUpgrade(request) && !isSwitching(request)) throw this.refusalOfUpgrade(request, route);
    const key = await this.keys.find(exchange, route);
    const head = await this.admission.admit(exchange, route);
    exchange.sendRequest();
    await this.forwarding.forward(exchange, {
      route,
      path,
      bodyLimit: bodyLimit(bodyLimits, path),
      head,
      ...key,
    });
  }

  /** Says what else would work: at these paths a WebSocket, or one that the operator could let pass. */
  private refusalOfUpgrade(request: IncomingMessage, { provider: { webSockets } }: Route): ProxyError {
    let alternative = '';
    if (this.config.webSockets && webSockets !== undefined)
      alternative = `; WebSockets are for GET ${webSockets.paths.join(', ')} alone`;
    else if (webSockets !== undefined && asksForWebSocket(request))
      alternative = ', or ask your administrator to switch on WebSockets (TRACEVAULT_WEBSOCKETS=on)';
    return new ProxyError('upgrade_required', undefined, { alternative });
  }
}
