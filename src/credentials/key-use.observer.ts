import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { timeOf } from '../exchange/time-of';
import { clientOf } from '../logging/client';
import { LastUseService } from './last-use.service';

/**
 * Records each forwarded request as a use of its key, after the end of the exchange, so that it never delays the
 * stream.
 */
@Injectable()
export class KeyUseObserver implements ExchangeObserver {
  constructor(private readonly lastUse: LastUseService) {}

  onEnd({ keyId, forwardedAt, outcome, request, response }: Exchange): void {
    if (keyId === undefined || forwardedAt === undefined || outcome === undefined) return;
    const at = timeOf(forwardedAt).toISOString();
    const status = response.headersSent ? response.statusCode : null;
    this.lastUse.note(keyId, { at, client: clientOf(request.headers), status, outcome });
  }
}
