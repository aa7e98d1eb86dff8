import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketConfig, Config } from '../config/config';
import { operatorAgent } from '../proxy/outbound-agent';
import { PackStoreError } from './pack-store';
import { codeOf, isBusy, refused } from './s3-error';
import { S3Answer, S3Request, sendToBucket } from './s3-request';

/** The number of connections to the store in a process. */
const MAX_SOCKETS = 32;

/** What one try came to: an answer, or why the store is to be asked again. */
type Tried = { readonly answer: S3Answer } | { readonly cause: unknown };

/**
 * Asks a bucket, and asks again while it is busy or can't be reached. All its requests can be repeated: a pack has one content. When
 * a store has been given up, those who wait for it are told at once for a while.
 */
export class S3Client {
  private readonly agent: Agent;
  private readonly stopping = new AbortController();
  /** When the store was last given up, on the clock of performance.now(); undefined since it has answered. */
  private givenUpAt: number | undefined;

  constructor(
    private readonly bucket: BucketConfig,
    upstream: Config['upstream'],
  ) {
    setMaxListeners(0, this.stopping.signal); // each open request listens
    this.agent = operatorAgent(bucket.url, upstream, { keepAlive: true, maxSockets: MAX_SOCKETS });
  }

  /** Ends what is under way. */
  stop(): void {
    this.stopping.abort();
    this.agent.destroy();
  }

  /**
   * Sends a request that nobody waits for, for as long as it may take.
   * @throws PackStoreError
   */
  async send(request: S3Request): Promise<S3Answer> {
    return this.sendWithin(request, this.bucket.writeMs);
  }

  /**
   * Sends a request that somebody waits for.
   * @throws PackStoreError
   */
  async sendSoon(request: S3Request): Promise<S3Answer> {
    const { givenUpAt, bucket } = this;
    if (givenUpAt !== undefined && performance.now() - givenUpAt < bucket.restMs)
      throw new PackStoreError('The trace store did not answer a moment ago');
    return this.sendWithin(request, bucket.readMs);
  }

  private async sendWithin(request: S3Request, ms: number): Promise<S3Answer> {
    const end = performance.now() + ms;
    const { first, max } = this.bucket.retryMs;
    for (let tries = 1; ; tries++) {
      const tried = await this.try(request);
      if ('answer' in tried) return this.granted(request, tried.answer);
      const wait = jittered(Math.min(first * 2 ** (tries - 1), max));
      if (performance.now() + wait >= end || this.stopping.signal.aborted) {
        this.givenUpAt = performance.now();
        const message = `The trace store did not do ${request.method} in ${tries} tries`;
        throw new PackStoreError(message, { cause: tried.cause });
      }
      await sleep(wait, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async try(request: S3Request): Promise<Tried> {
    try {
      const { bucket, agent } = this;
      const answer = await sendToBucket(request, bucket, { agent, stopped: this.stopping.signal });
      return isBusy(answer) ? { cause: refused(request, answer) } : { answer };
    } catch (cause) {
      return { cause };
    }
  }

  /** Returns an answer that says what was asked for, or that there is no such object or range. */
  private granted(request: S3Request, answer: S3Answer): S3Answer {
    this.givenUpAt = undefined;
    const { status } = answer;
    if ((status >= 200 && status < 300) || status === 416) return answer;
    if (status === 404 && codeOf(answer) === 'NoSuchKey') return answer;
    throw refused(request, answer);
  }
}

/** So that servers whose store was busy do not all come back at one moment. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
