import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { clientOf } from '../logging/client';
import { LastUseService } from './last-use.service';

/** Notes what each forwarded request did with its user's key, when it has ended: the stream comes first. */
@Injectable()
export class KeyUseObserver implements ExchangeObserver {
  constructor(private readonly lastUse: LastUseService) {}

  onEnd({ caller, forwardedAt, outcome, request, response }: Exchange): void {
    if (caller === undefined || forwardedAt === undefined || outcome === undefined) return;
    // Not from performance.timeOrigin: a machine that slept has another one by now.
    const at = new Date(Date.now() - (performance.now() - forwardedAt)).toISOString();
    const status = response.headersSent ? response.statusCode : null;
    this.lastUse.note(caller.userId, { at, client: clientOf(request.headers), status, outcome });
  }
}
