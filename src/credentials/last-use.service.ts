import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { AnthropicKeyEntity, KeyUse } from './anthropic-key.entity';
import { AnthropicKeyRepository } from './anthropic-key.repository';
import { isOtherClass } from './use-class';

/** The minimum time between two early writes. Without it, calls that alternately fail and succeed would cause a write each. */
const MIN_MS_BETWEEN_CHANGES = 1_000;
/** The maximum number of writes that wait for an unresponsive database. */
const MAX_WRITES = 10_000;
const MAX_CLOSING_MS = 5_000;

/** The result of writing a use. */
type Saved = 'written' | 'outdated' | 'failed';

interface Write {
  readonly userId: string;
  readonly use: KeyUse;
  readonly done: (saved: Saved) => void;
}

/** The state of a user's key between two writes. */
interface Waiting {
  timer: NodeJS.Timeout;
  /** The use that was last passed to the database. */
  readonly written: KeyUse;
  /** A later use that was not yet passed to the database. */
  unwritten?: KeyUse;
  /** When a use was last written early because of a changed outcome, on the clock of performance.now(). */
  readonly changedAt: number;
}

/**
 * Tracks the last use of each user's key and writes it: the first use at once, then the latest once a minute, and at once
 * when calls begin to fail or to work again. An agent therefore does not cause a write with each of its calls, and another
 * replica is at most a minute behind. The latest use is the one whose request came in last, so that the end of a long
 * stream does not hide later requests.
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
      batchSize: 1, // a failed write affects no other
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

  /**
   * Returns the last use of the key in this row, as known to this process, or from the row when another process wrote a
   * later one.
   */
  latest({ userId, updatedAt, lastUse }: AnthropicKeyEntity): KeyUse | null {
    const waiting = this.waiting.get(userId);
    const known = waiting === undefined ? undefined : latestIn(waiting);
    if (known === undefined || Date.parse(known.at) < updatedAt.getTime()) return lastUse; // a use of a previous key
    return lastUse === null || lastUse.at <= known.at ? known : lastUse;
  }

  /** Resets a user's state after a key was stored, so that the first use of the new key is written at once. */
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
      // The use was of a key that has been replaced, and must not delay the first use of the new key.
      if (saved === 'outdated') this.next(userId, waiting);
      else if (saved === 'failed') waiting.unwritten ??= use; // retried with the next write
    });
  }

  /** Writes the unwritten use now, or as soon as the minimum time since the last early write has passed. */
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
