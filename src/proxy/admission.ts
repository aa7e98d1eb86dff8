import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { hasBody } from '../exchange/has-body';
import { isSwitching } from '../exchange/upgrade';
import { CallLimitsService } from '../limits/call-limits.service';
import { limitedCall } from '../limits/limited-call';
import { Route } from '../providers/route';
import { BodyHead, readBodyHead } from './body-head';
import { refusalOf } from './limit-errors';
import { ProxyError } from './proxy-error';

/** The number of bytes of a body that are read before it is forwarded. */
const HEAD_BYTES = 64 * 1024;

/** Admits calls within the limits of their organization. Nobody else's requests are read or held back for it. */
@Injectable()
export class Admission {
  constructor(private readonly limits: CallLimitsService) {}

  /**
   * Reserves what a call may use.
   * @returns the first bytes of the body, if they had to be read; they have to be forwarded before the rest.
   * @throws ProxyError (spend_limit, spending_blocked, rate_limit, model_not_allowed, model_unknown, limits_unavailable,
   * upgrade_required)
   */
  async admit(exchange: Exchange, route: Route): Promise<BodyHead | undefined> {
    const applied = await this.limits.of(exchange);
    if (applied === 'unsure') throw new ProxyError('limits_unavailable');
    if (applied.length === 0) return undefined;
    const { request } = exchange;
    if (isSwitching(request)) throw new ProxyError('upgrade_required', undefined, { alternative: '' });
    const call = limitedCall(route.provider, request.method ?? '', exchange.target);
    if (call === undefined) return undefined;
    const head = hasBody(request) ? await readBodyHead(request, HEAD_BYTES) : undefined;
    if (exchange.hasEnded) return head;
    const refusal = await this.limits.admit(exchange, applied, call, head);
    if (refusal !== undefined) throw refusalOf(refusal, Date.now());
    return head;
  }
}
