import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { clientOf } from '../logging/client';
import { LastUseService } from './last-use.service';

/**
 * Records each forwarded request as a use of its user's key, after the end of the exchange, so that it never delays the
 * stream.
 */
@Injectable()
export class KeyUseObserver implements ExchangeObserver {
  constructor(private readonly lastUse: LastUseService) {}

  onEnd({ caller, forwardedAt, outcome, request, response }: Exchange): void {
    if (caller === undefined || forwardedAt === undefined || outcome === undefined) return;
    // Not computed from performance.timeOrigin, which is off after the machine has been asleep.
    const at = new Date(Date.now() - (performance.now() - forwardedAt)).toISOString();
    const status = response.headersSent ? response.statusCode : null;
    this.lastUse.note(caller.userId, { at, client: clientOf(request.headers), status, outcome });
  }
}
