import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { isOtherClass } from './use-class';

/** Calls that fail by turns would otherwise write a row each. */
const MIN_MS_BETWEEN_CHANGES = 1_000;
/** Of uses that wait for a database that does not answer. */
const MAX_WRITES = 10_000;
const MAX_CLOSING_MS = 5_000;

/** What became of a use that was to be written. */
type Saved = 'written' | 'outdated' | 'failed';

interface Write {
  readonly userId: string;
  readonly use: KeyUse;
  readonly done: (saved: Saved) => void;
}

/** One person's key between two writes. */
interface Waiting {
  timer: NodeJS.Timeout;
  /** The use that the database was given last. */
  readonly written: KeyUse;
  /** A later one that it was not given yet. */
  unwritten?: KeyUse;
  /** When a use was last written early because it came out in another way; from performance.now(). */
  readonly changedAt: number;
}

/**
 * Knows the last use of each person's key, and writes it: the first at once, then the latest of each minute; at once as well
 * when calls begin to fail, or work again. So an agent does not write a row with each of its calls, and another replica is
 * never more than a minute behind. The latest is the one that came in last: a long stream that ends does not hide what came
 * after it.
 */
@Injectable()
export class LastUseService implements OnModuleDestroy {
  private readonly waiting = new Map<string, Waiting>();
  private readonly writer: BatchedWriter<Write>;

  constructor(
    private readonly rows: AnthropicKeyRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.writer = new BatchedWriter({
      write: async (batch) => {
        for (const write of batch) await this.saveNow(write);
      },
      onFailure: (error) => {
        logger.warn({ err: error }, 'The last use of a key could not be written');
      },
      maxItems: MAX_WRITES,
      batchSize: 1, // one that fails takes no other with it
      flushMs: 0,
    });
  }

  note(userId: string, use: KeyUse): void {
    const waiting = this.waiting.get(userId);
    if (waiting === undefined) this.write(userId, use, -Infinity);
    else if (use.at >= latestIn(waiting).at) {
      waiting.unwritten = use;
      if (isOtherClass(use, waiting.written)) this.hasten(userId, waiting);
    }
  }

  /** The last use of the key in this row: as this process knows it, or as the row has it from another one. */
  latest({ userId, updatedAt, lastUse }: AnthropicKeyEntity): KeyUse | null {
    const waiting = this.waiting.get(userId);
    const known = waiting === undefined ? undefined : latestIn(waiting);
    if (known === undefined || Date.parse(known.at) < updatedAt.getTime()) return lastUse; // of a key before it
    return lastUse === null || lastUse.at <= known.at ? known : lastUse;
  }

  /** After the key was stored again: its first use is to be written at once. */
  restart(userId: string): void {
    clearTimeout(this.waiting.get(userId)?.timer);
    this.waiting.delete(userId);
  }

  async onModuleDestroy(): Promise<void> {
    for (const [userId, { timer, unwritten }] of this.waiting) {
      clearTimeout(timer);
      if (unwritten !== undefined) void this.save(userId, unwritten);
    }
    this.waiting.clear();
    const left = await this.writer.close(MAX_CLOSING_MS);
    if (left > 0) this.logger.warn({ left }, 'Last uses of keys were not written in time');
  }

  private write(userId: string, use: KeyUse, changedAt: number): void {
    const timer = setTimeout(() => {
      this.next(userId, waiting);
    }, this.config.keyUseExactToMs).unref();
    const waiting: Waiting = { timer, written: use, changedAt };
    this.waiting.set(userId, waiting);
    void this.save(userId, use).then((saved) => {
      if (this.waiting.get(userId) !== waiting) return;
      // It was of a key that has been replaced, and must not make one of the new key wait.
      if (saved === 'outdated') this.next(userId, waiting);
      else if (saved === 'failed') waiting.unwritten ??= use; // and is tried again in its turn
    });
  }

  /** Writes what is unwritten now, or as soon as the last change is long enough ago. */
  private hasten(userId: string, waiting: Waiting): void {
    const delay = waiting.changedAt + MIN_MS_BETWEEN_CHANGES - performance.now();
    clearTimeout(waiting.timer);
    if (delay <= 0) this.next(userId, waiting);
    else
      waiting.timer = setTimeout(() => {
        this.next(userId, waiting);
      }, delay).unref();
  }

  private next(userId: string, { timer, written, unwritten, changedAt }: Waiting): void {
    clearTimeout(timer);
    this.waiting.delete(userId);
    if (unwritten === undefined) return;
    this.write(userId, unwritten, isOtherClass(unwritten, written) ? performance.now() : changedAt);
  }

  private save(userId: string, use: KeyUse): Promise<Saved> {
    return new Promise((done) => {
      if (!this.writer.add({ userId, use, done })) done('failed');
    });
  }

  private async saveNow({ userId, use, done }: Write): Promise<void> {
    try {
      done((await this.rows.setLastUse(userId, use)) ? 'written' : 'outdated');
    } catch (error) {
      done('failed');
      throw error;
    }
  }
}

function latestIn({ written, unwritten }: Waiting): KeyUse {
  return unwritten ?? written;
}
