import { Inject, Injectable } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { CONFIG, Config } from '../config/config';
import { ProxyError } from './proxy-error';

/**
 * How many requests are open, for each person and in all, in this process. A place is held until the response has
 * closed, however that comes about, so that an agent that runs wild can't take everybody's sockets and memory.
 */
@Injectable()
export class OpenRequests {
  private readonly ofUser = new Map<string, number>();
  private total = 0;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** @throws ProxyError user_busy or server_busy, when there is no place. */
  admit(userId: string, response: ServerResponse): void {
    if (response.closed) return; // the client left already, and 'close' would never come
    const { perUser, inAll } = this.config.maxOpenRequests;
    const open = this.ofUser.get(userId) ?? 0;
    if (perUser !== undefined && open >= perUser) throw new ProxyError('user_busy');
    if (inAll !== undefined && this.total >= inAll) throw new ProxyError('server_busy');
    this.ofUser.set(userId, open + 1);
    this.total += 1;
    response.once('close', () => {
      this.release(userId);
    });
  }

  private release(userId: string): void {
    const left = (this.ofUser.get(userId) ?? 1) - 1;
    if (left === 0) this.ofUser.delete(userId);
    else this.ofUser.set(userId, left);
    this.total -= 1;
  }
}
