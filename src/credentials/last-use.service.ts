import { Inject, Injectable, OnModuleDestroy } from '@nestjs/common';
import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { ProviderKeyEntity, KeyUse } from './provider-key.entity';
import { ProviderKeyRepository } from './provider-key.repository';
import { isOtherClass } from './use-class';

/** The minimum time between two early writes. Without it, calls that alternately fail and succeed would cause a write each. */
const MIN_MS_BETWEEN_CHANGES = 1_000;
/** The maximum number of writes that wait for an unresponsive database. */
const MAX_WRITES = 10_000;
const MAX_CLOSING_MS = 5_000;

/** The result of writing a use. */
type Saved = 'written' | 'outdated' | 'failed';

interface Write {
  readonly keyId: string;
  readonly use: KeyUse;
  readonly done: (saved: Saved) => void;
}

/** The state of a key between two writes. */
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
 * Tracks the last use of each stored key and writes it: the first use at once, then the latest once a minute, and at once
 * when calls begin to fail or to work again. An agent therefore does not cause a write with each of its calls, and another
 * replica is at most a minute behind. The latest use is the one whose request came in last, so that the end of a long
 * stream does not hide later requests.
 */
@Injectable()
export class LastUseService implements OnModuleDestroy {
  private readonly waiting = new Map<string, Waiting>();
  private readonly writer: BatchedWriter<Write>;

  constructor(
    private readonly rows: ProviderKeyRepository,
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

  note(keyId: string, use: KeyUse): void {
    const waiting = this.waiting.get(keyId);
    if (waiting === undefined) this.write(keyId, use, -Infinity);
    else if (use.at >= latestIn(waiting).at) {
      waiting.unwritten = use;
      if (isOtherClass(use, waiting.written)) this.hasten(keyId, waiting);
    }
  }

  /**
   * Returns the last use of the key in this row, as known to this process, or from the row when another process wrote a
   * later one.
   */
  latest({ id: keyId, updatedAt, lastUse }: ProviderKeyEntity): KeyUse | null {
    const waiting = this.waiting.get(keyId);
    const known = waiting === undefined ? undefined : latestIn(waiting);
    if (known === undefined || Date.parse(known.at) < updatedAt.getTime()) return lastUse; // a use of a previous key
    return lastUse === null || lastUse.at <= known.at ? known : lastUse;
  }

  /** Resets a key's state after it was stored, so that the first use of the new key is written at once. */
  restart(keyId: string): void {
    clearTimeout(this.waiting.get(keyId)?.timer);
    this.waiting.delete(keyId);
  }

  async onModuleDestroy(): Promise<void> {
    for (const [keyId, { timer, unwritten }] of this.waiting) {
      clearTimeout(timer);
      if (unwritten !== undefined) void this.save(keyId, unwritten);
    }
    this.waiting.clear();
    const left = await this.writer.close(MAX_CLOSING_MS);
    if (left > 0) this.logger.warn({ left }, 'Last uses of keys were not written in time');
  }

  private write(keyId: string, use: KeyUse, changedAt: number): void {
    const timer = setTimeout(() => {
      this.next(keyId, waiting);
    }, this.config.keyUseExactToMs).unref();
    const waiting: Waiting = { timer, written: use, changedAt };
    this.waiting.set(keyId, waiting);
    void this.save(keyId, use).then((saved) => {
      if (this.waiting.get(keyId) !== waiting) return;
      // The use was of a key that has been replaced, and must not delay the first use of the new key.
      if (saved === 'outdated') this.next(keyId, waiting);
      else if (saved === 'failed') waiting.unwritten ??= use; // retried with the next write
    });
  }

  /** Writes the unwritten use now, or as soon as the minimum time since the last early write has passed. */
  private hasten(keyId: string, waiting: Waiting): void {
    const delay = waiting.changedAt + MIN_MS_BETWEEN_CHANGES - performance.now();
    clearTimeout(waiting.timer);
    if (delay <= 0) this.next(keyId, waiting);
    else
      waiting.timer = setTimeout(() => {
        this.next(keyId, waiting);
      }, delay).unref();
  }

  private next(keyId: string, { timer, written, unwritten, changedAt }: Waiting): void {
    clearTimeout(timer);
    this.waiting.delete(keyId);
    if (unwritten === undefined) return;
    this.write(keyId, unwritten, isOtherClass(unwritten, written) ? performance.now() : changedAt);
  }

  private save(keyId: string, use: KeyUse): Promise<Saved> {
    return new Promise((done) => {
      if (!this.writer.add({ keyId, use, done })) done('failed');
    });
  }

  private async saveNow({ keyId, use, done }: Write): Promise<void> {
    try {
      done((await this.rows.setLastUse(keyId, use)) ? 'written' : 'outdated');
    } catch (error) {
      done('failed');
      throw error;
    }
  }
}

function latestIn({ written, unwritten }: Waiting): KeyUse {
  return unwritten ?? written;
}
