import { Inject, Injectable, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { DueAlert } from '../limits/due-alert';
import { LimitAlertsService } from '../limits/limit-alerts.service';
import { LOGGER } from '../logging/logging.module';
import { messageOf, signatureHeaders } from './webhook-message';
import { post } from './webhook-request';

/** How long to wait before looking for alerts of other processes that were killed, at most. */
const MAX_WAIT_MS = 30_000;

/** What has become of a try: `failed` is tried again, `given_up` is not. */
const RESULTS = ['delivered', 'failed', 'given_up'] as const;
type Result = (typeof RESULTS)[number];

/**
 * Tells the operator's webhook of limits, one message after another. What waits is in the database: no request waits for it, no
 * memory holds it, and another process goes on with it.
 */
@Injectable()
export class AlertDeliveries implements OnApplicationBootstrap, OnApplicationShutdown {
  /** How many tries have ended in each way in this process. */
  readonly counts = new Map<Result, number>(RESULTS.map((result) => [result, 0]));
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isAsked = false;

  constructor(
    private readonly alerts: LimitAlertsService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.alertWebhook === undefined) return;
    this.alerts.onAlert(() => {
      this.wake();
    });
    this.wake();
  }

  /** Breaks off the message that is under way; it is sent again by another process, or at the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private wake(): void {
    this.isAsked = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  private async run(): Promise<void> {
    const { alertWebhook: webhook } = this.config;
    if (webhook === undefined) return;
    clearTimeout(this.timer);
    let wait = MAX_WAIT_MS;
    try {
      while (this.isAsked && !this.hasStopped()) {
        this.isAsked = false;
        let alert: DueAlert | undefined;
        while (!this.hasStopped() && (alert = await this.alerts.take(webhook.retryMs)) !== undefined)
          await this.deliver(alert, webhook);
      }
      if (!this.hasStopped()) wait = Math.min(wait, Math.max(0, (await this.alerts.msUntilNext()) ?? wait));
    } catch (error) {
      this.logger.warn({ err: error }, 'The alerts that have to be told could not be read; they are kept');
    }
    if (this.hasStopped()) return;
    const next = (): void => {
      this.wake();
    };
    this.timer = setTimeout(next, this.isAsked ? 0 : wait).unref(); // asked meanwhile: while it looked how long to wait
  }

  private hasStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async deliver(alert: DueAlert, webhook: NonNullable<Config['alertWebhook']>): Promise<void> {
    const message = messageOf(alert);
    const headers = signatureHeaders(message, webhook.secret, Date.now());
    const by = { upstream: this.config.upstream, stopped: this.stopping.signal };
    const sent = { headers, body: message.body };
    const answer = await post(webhook.url, sent, by).catch((error: unknown) => error);
    if (typeof answer === 'number' && answer >= 200 && answer < 300) {
      await this.alerts.told(alert.id);
      this.count('delivered');
      return;
    }
    if (this.hasStopped()) return;
    const result = alert.isLast ? 'given_up' : 'failed';
    const why = typeof answer === 'number' ? { status: answer } : { err: answer };
    const next = alert.isLast ? 'It is not sent again' : 'It is sent again later';
    this.logger.warn({ alert_id: alert.id, ...why }, `The webhook did not take a message. ${next}`);
    this.count(result);
  }

  private count(result: Result): void {
    this.counts.set(result, (this.counts.get(result) ?? 0) + 1);
  }
}
