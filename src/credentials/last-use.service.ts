import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { KeyUse } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';

/** One person's key between two writes. */
interface Waiting {
  readonly timer: NodeJS.Timeout;
  /** The latest use that has not been written. */
  unwritten?: KeyUse;
}

/**
 * Writes the last use of each person's key: the first at once, then the latest of each minute. So an agent does not
 * write a row with each of its calls, and the row is never more than a minute behind. The latest is the one that came in
 * last: a long stream that ends does not hide what came after it.
 */
@Injectable()
export class LastUseService implements OnModuleDestroy {
  private readonly waiting = new Map<string, Waiting>();
  private readonly writing = new Set<Promise<unknown>>();

  constructor(
    private readonly rows: AnthropicKeyRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  note(userId: string, use: KeyUse): void {
    const waiting = this.waiting.get(userId);
    if (waiting === undefined) this.write(userId, use);
    else if (waiting.unwritten === undefined || waiting.unwritten.at < use.at) waiting.unwritten = use;
  }

  /** After the key was stored anew: its first use is to be seen at once. */
  beginAnew(userId: string): void {
    clearTimeout(this.waiting.get(userId)?.timer);
    this.waiting.delete(userId);
  }

  async onModuleDestroy(): Promise<void> {
    for (const [userId, { timer, unwritten }] of this.waiting) {
      clearTimeout(timer);
      if (unwritten !== undefined) void this.save(userId, unwritten);
    }
    this.waiting.clear();
    await Promise.all(this.writing);
  }

  private write(userId: string, use: KeyUse): void {
    const waiting: Waiting = {
      timer: setTimeout(() => {
        this.next(userId, waiting);
      }, this.config.keyUseExactToMs).unref(),
    };
    this.waiting.set(userId, waiting);
    void this.save(userId, use).then((written) => {
      // It was of a key that has been replaced, and must not make one of the new key wait.
      if (!written && this.waiting.get(userId) === waiting) this.next(userId, waiting);
    });
  }

  private next(userId: string, { timer, unwritten }: Waiting): void {
    clearTimeout(timer);
    this.waiting.delete(userId);
    if (unwritten !== undefined) this.write(userId, unwritten);
  }

  /** @returns whether the key that is stored now has it. */
  private save(userId: string, use: KeyUse): Promise<boolean> {
    const write = this.rows
      .setLastUse(userId, use)
      .catch((error: unknown) => {
        this.logger.warn({ err: error }, 'The last use of a key could not be written');
        return false;
      })
      .finally(() => this.writing.delete(write));
    this.writing.add(write);
    return write;
  }
}
