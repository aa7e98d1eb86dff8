import { Inject, Injectable } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { Logger } from 'pino';
import { Attempts } from '../api/attempts';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { Route } from '../providers/route';
import { Routes } from '../providers/routes';
import { ForwardingService } from './forwarding.service';
import { providerWords } from './provider-words';

/** The maximum number of key checks per user per minute, so that the server can't be used to probe keys. */
const MAX_CHECKS = 10;

/** The maximum number of bytes read of a provider's response; its errors are a few hundred bytes. */
const MAX_BODY = 64 * 1024;

/** The result of checking a key with its provider; `words` is the provider's own message, sanitized for display. */
export type KeyCheck =
  | { readonly result: 'works' }
  | { readonly result: 'refused'; readonly status: number; readonly words: string | undefined }
  | { readonly result: 'unanswered'; readonly why: 'timeout' | 'unreachable' }
  | { readonly result: 'inconclusive'; readonly status: number; readonly words: string | undefined };

/** Checks a key with one request to its provider, without retries. */
@Injectable()
export class KeyCheckService {
  /** The number of recent checks, by user id. */
  private readonly checks: Attempts;
  private readonly limitMs: number;

  constructor(
    private readonly forwarding: ForwardingService,
    @Inject(CONFIG) { keyCheckMs, rateLimits }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly routes: Routes,
  ) {
    this.limitMs = keyCheckMs;
    this.checks = new Attempts(MAX_CHECKS, rateLimits);
  }

  /**
   * Checks a key; the whole check is limited to the configured time (`keyCheckMs`).
   * @param left aborts the check when the client that requested it disconnects.
   * @throws TooManyAttempts when this user has checked more than MAX_CHECKS keys within a minute.
   */
  async check(providerId: string, userId: string, key: string, left: AbortSignal): Promise<KeyCheck> {
    this.checks.count(userId);
    const asking = new AbortController();
    const abort = (): void => {
      asking.abort();
    };
    const time = { isOver: false };
    const timeout = setTimeout(() => {
      time.isOver = true;
      abort();
    }, this.limitMs);
    if (left.aborted) abort();
    else left.addEventListener('abort', abort);
    try {
      return await this.ask(this.routes.get(providerId), key, asking);
    } catch (error) {
      const why = time.isOver ? 'timeout' : 'unreachable';
      if (!left.aborted) this.logger.warn({ err: error, why }, 'A key could not be checked');
      return { result: 'unanswered', why };
    } finally {
      clearTimeout(timeout);
      left.removeEventListener('abort', abort);
    }
  }

  private async ask(route: Route, key: string, asking: AbortController): Promise<KeyCheck> {
    const { path, headers, refusals, refusalText } = route.provider.keyCheck;
    const answer = await this.forwarding.get({ route, path, key }, headers, asking.signal);
    const { statusCode: status = 0 } = answer;
    const body = await bodyOf(answer);
    if (!answer.readableEnded) asking.abort(); // the rest of the body is beyond MAX_BODY and would keep the connection busy
    if (status >= 200 && status < 300) return { result: 'works' };
    const words = providerWords(body, key);
    const isRefused = refusals.includes(status) || (status >= 400 && refusalText?.test(body) === true);
    return { result: isRefused ? 'refused' : 'inconclusive', status, words };
  }
}

/** Returns the beginning of a response's body, up to MAX_BODY and the rest of the chunk that crosses it. */
async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MAX_BODY) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
