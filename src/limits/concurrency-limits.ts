import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Config } from '../config/config';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';

/** Whose limit is reached: that of one user, or that of the whole process. */
export type ConcurrencyRefusal = 'concurrency_limit' | 'server_busy';

/**
 * Limits how many proxy requests are open, for each user and in all, in this process. A place is held until the exchange has
 * ended, however that comes about, so that an agent that runs wild can't take everybody's sockets and memory.
 */
@Injectable()
export class ConcurrencyLimits implements ExchangeObserver {
  private readonly ofUser = new Map<string, number>();
  private total = 0;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Takes a place for an exchange whose caller is known. @returns why there is none. */
  admit(exchange: Exchange): ConcurrencyRefusal | undefined {
    const userId = exchange.caller?.userId;
    if (userId === undefined || exchange.hasEnded) return undefined; // the client left, and nobody would give it back
    const { perUser, inAll } = this.config.maxOpenRequests;
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
