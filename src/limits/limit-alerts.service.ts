import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { CallRow } from '../metering/call-row';
import { LedgerObserver } from '../metering/ledger-observer';
import { LedgerService } from '../metering/ledger.service';
import { applicableLimits, LimitedCall } from './applicable-limits';
import { DueAlert } from './due-alert';
import { GrantsRepository } from './grants.repository';
import { LimitAlertsRepository, ReachedLevel } from './limit-alerts.repository';
import { OrgLimitsService } from './org-limits.service';
import { QuotaKey } from './quota';
import { spendKeyOf } from './spend-key';
import { reachedLevels, SPEND_LEVELS, SpendLevel } from './spend-levels';

/** The maximum number of callers whose limits are looked at together. What is left out is seen at the next call. */
const MAX_CALLS = 10_000;
/** The number of quotas whose highest recorded level is kept in memory. */
const MAX_KNOWN = 10_000;

/** What a quota counts, with its limit's amount. */
interface Watched {
  readonly key: QuotaKey;
  readonly amount: number;
}

/**
 * Notices when what was spent reaches a level of a limit: behind the ledger's back, and only if somebody wants to know, by the
 * metrics or the webhook.
 */
@Injectable()
export class LimitAlertsService implements LedgerObserver, OnApplicationShutdown {
  /** How often this process was the first to notice each level. */
  readonly counts = new Map<SpendLevel, number>(SPEND_LEVELS.map((level) => [level, 0]));
  private readonly hasWebhook: boolean;
  private calls = new Map<string, LimitedCall & { readonly orgId: string }>();
  private readonly known = new LRUCache<string, SpendLevel>({ max: MAX_KNOWN });
  private looking: Promise<void> | undefined;
  private notify: () => void = () => undefined;

  constructor(
    private readonly orgLimits: OrgLimitsService,
    private readonly grants: GrantsRepository,
    private readonly alerts: LimitAlertsRepository,
    @Inject(CONFIG) { metrics, alertWebhook }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    ledger: LedgerService,
  ) {
    this.hasWebhook = alertWebhook !== undefined;
    if (this.hasWebhook || metrics !== undefined) ledger.observe(this);
  }

  /** Sets who is notified when there is something to tell. */
  onAlert(notify: () => void): void {
    this.notify = notify;
  }

  written(rows: readonly CallRow[]): void {
    for (const row of rows) {
      const { org_id: orgId, user_id: userId, proxy_token_id, key_source, cost_nano_usd } = row;
      if (orgId === null || Number(cost_nano_usd ?? 0) === 0 || this.calls.size >= MAX_CALLS) continue;
      const isOnOwnKey = key_source !== 'organization';
      const name = `${orgId} ${userId} ${proxy_token_id ?? ''} ${String(isOnOwnKey)} ${row.at.slice(0, 10)}`;
      const proxyTokenId = proxy_token_id ?? undefined;
      this.calls.set(name, { orgId, userId, proxyTokenId, isOnOwnKey, at: Date.parse(row.at) });
    }
    if (this.calls.size > 0) this.looking ??= this.look();
  }

  /** Runs when the ledger has been written, and before the database is closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.looking;
  }

  /** Takes an alert for which the webhook has to be called now, if there is one. */
  take(retryMs: readonly number[]): Promise<DueAlert | undefined> {
    return this.alerts.take(retryMs);
  }

  told(id: string): Promise<void> {
    return this.alerts.told(id);
  }

  msUntilNext(): Promise<number | undefined> {
    return this.alerts.msUntilNext();
  }

  /** Looks at the limits of those who have called, again and again while others do. */
  private async look(): Promise<void> {
    try {
      while (this.calls.size > 0) {
        const calls = [...this.calls.values()];
        this.calls = new Map();
        await this.record(await this.levelsOf(await this.watchedBy(calls)));
      }
    } catch (error) {
      this.logger.warn(
        { err: error },
        'The levels of limits could not be looked at; the next call tries again',
      );
    } finally {
      this.looking = undefined;
    }
  }

  private async watchedBy(calls: readonly (LimitedCall & { readonly orgId: string })[]): Promise<Watched[]> {
    const watched = new Map<string, Watched>();
    for (const call of calls)
      for (const applied of applicableLimits(await this.orgLimits.of(call.orgId), call)) {
        const key = spendKeyOf(applied, call.at);
        const amount = Number(applied.limit.amountNanoUsd ?? 0);
        if (key === undefined || amount === 0 || key.period.end <= Date.now()) continue;
        const name = nameOf({ key, amount });
        if (this.known.get(name) !== SPEND_LEVELS.at(-1)) watched.set(name, { key, amount });
      }
    return [...watched.values()];
  }

  private async levelsOf(watched: readonly Watched[]): Promise<ReachedLevel[]> {
    const used = await this.grants.used(watched.map(({ key }) => key));
    return watched.flatMap(({ key, amount }) => {
      const spent = used.get(key)?.spent ?? 0;
      const known = this.known.get(nameOf({ key, amount })) ?? 0;
      return reachedLevels(spent, amount)
        .filter((percent) => percent > known)
        .map((percent) => ({ key, amount, spent, percent }));
    });
  }

  private async record(levels: readonly ReachedLevel[]): Promise<void> {
    if (levels.length === 0) return;
    const recorded = await this.alerts.claim(levels, this.hasWebhook);
    for (const level of levels) this.known.set(nameOf(level), level.percent);
    for (const percent of recorded) this.counts.set(percent, (this.counts.get(percent) ?? 0) + 1);
    if (recorded.length > 0) this.notify();
  }
}

function nameOf({ key: { limitId, subjectId, period }, amount }: Watched): string {
  return `${limitId} ${subjectId} ${period.start} ${amount}`;
}
