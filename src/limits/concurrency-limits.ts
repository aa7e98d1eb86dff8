import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Config } from '../config/config';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';

/** The limit that was reached: `concurrency_limit` for one user's, `server_busy` for that of the whole process. */
export type ConcurrencyRefusal = 'concurrency_limit' | 'server_busy';

/**
 * Limits the number of open proxy requests in this process, per user and in total, so that one runaway agent can't use up
 * everyone's sockets and memory. A slot is held until the exchange ends, in whatever way.
 */
@Injectable()
export class ConcurrencyLimits implements ExchangeObserver {
  private readonly ofUser = new Map<string, number>();
  private total = 0;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * Acquires a slot for an exchange whose caller is known.
   * @returns the limit that was reached, or undefined when the exchange is admitted.
   */
  admit(exchange: Exchange): ConcurrencyRefusal | undefined {
    const userId = exchange.caller?.userId;
    if (userId === undefined || exchange.hasEnded) return undefined; // the client has disconnected: the slot would never be released
    const { perUser, total: inAll } = this.config.maxOpenRequests;
    const open = this.ofUser.get(userId) ?? 0;
    if (perUser !== undefined && open >= perUser) return 'concurrency_limit';
    if (inAll !== undefined && this.total >= inAll) return 'server_busy';
    this.ofUser.set(userId, open + 1);
    this.total += 1;
    exchange.isAdmitted = true;
    return undefined;
  }

  onEnd({ caller, isAdmitted }: Exchange): void {
    if (!isAdmitted || caller === undefined) return;
    const left = (this.ofUser.get(caller.userId) ?? 1) - 1;
    if (left === 0) this.ofUser.delete(caller.userId);
    else this.ofUser.set(caller.userId, left);
    this.total -= 1;
  }
}
