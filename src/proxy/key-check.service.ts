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

/** Checks of one person in a minute: the server is not for trying out keys. */
const MAX_CHECKS = 10;

/** How much of an answer is read; a provider's errors are a few hundred bytes. */
const MAX_BODY = 64 * 1024;

/** What a provider makes of a key; `words` are its own, fit to be shown. */
export type KeyCheck =
  | { readonly result: 'works' }
  | { readonly result: 'refused'; readonly status: number; readonly words: string | undefined }
  | { readonly result: 'unanswered'; readonly why: 'timeout' | 'unreachable' }
  | { readonly result: 'inconclusive'; readonly status: number; readonly words: string | undefined };

/** Asks a provider, once, whether it takes a key. */
@Injectable()
export class KeyCheckService {
  /** By the person's id. */
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
   * Is bounded in time as a whole, by the configuration.
   * @param left ends the question when the one who asks it goes away.
   * @throws TooManyAttempts when this person has asked too often.
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
    const { path, headers, refusals } = route.provider.keyCheck;
    const answer = await this.forwarding.get({ route, path, key }, headers, asking.signal);
    const { statusCode: status = 0 } = answer;
    const body = await bodyOf(answer);
    if (!answer.readableEnded) asking.abort(); // it is longer than anybody wants to read
    if (status >= 200 && status < 300) return { result: 'works' };
    const words = providerWords(body, key);
    return { result: refusals.includes(status) ? 'refused' : 'inconclusive', status, words };
  }
}

/** As much of it as is looked at. */
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
