import { Injectable } from '@nestjs/common';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { CallRow } from '../metering/call-row';
import { LedgerObserver } from '../metering/ledger-observer';
import { LedgerService } from '../metering/ledger.service';
import { CallEstimates } from './call-estimates';
import { Measure } from './limit-grant.entity';
import { Quota } from './quota';

/** How often reservations are looked for whose call will not come into the ledger any more. */
const SWEEP_MS = 10_000;

/** What one call has taken of the quotas of its limits. */
interface Reservation {
  readonly holds: { readonly quota: Quota; amount: number }[];
  /** When the ledger was told of the call, on the clock of performance.now(). */
  recordedAt: number | undefined;
}

/**
 * What open calls have reserved. A reservation lives and dies with its call: it becomes the call's cost when that is known,
 * goes when the ledger in the database holds the call, and is given back when there was none.
 */
@Injectable()
export class Reservations implements ExchangeObserver, LedgerObserver {
  private readonly reservations = new Map<string, Reservation>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly estimates: CallEstimates,
    private readonly ledger: LedgerService,
  ) {
    ledger.observe(this);
  }

  /** The number of calls that hold something. */
  get size(): number {
    return this.reservations.size;
  }

  /** Adds what a call has taken of a quota. */
  add(exchangeId: string, quota: Quota, amount: number): void {
    const reservation = this.reservations.get(exchangeId) ?? { holds: [], recordedAt: undefined };
    reservation.holds.push({ quota, amount });
    this.reservations.set(exchangeId, reservation);
    this.timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** Gives back everything that a call has taken. */
  cancel(exchangeId: string): void {
    for (const { quota, amount } of this.reservations.get(exchangeId)?.holds ?? []) quota.unhold(amount);
    this.reservations.delete(exchangeId);
  }

  onEnd({ id, forwardedAt }: Exchange): void {
    if (forwardedAt === undefined && this.reservations.size > 0) this.cancel(id);
  }

  recorded(row: CallRow): void {
    this.estimates.learn(row);
    const reservation = this.reservations.get(row.id);
    if (reservation === undefined) return;
    reservation.recordedAt = performance.now();
    for (const hold of reservation.holds) {
      const used = usedBy(row, hold.quota.key.measure);
      hold.quota.unhold(hold.amount - used);
      hold.amount = used;
    }
  }

  settled(exchangeId: string): void {
    if (this.reservations.get(exchangeId)?.recordedAt === undefined) this.cancel(exchangeId);
  }

  written(rows: readonly CallRow[]): void {
    if (this.reservations.size > 0) for (const { id } of rows) this.settle(id);
  }

  private settle(exchangeId: string): void {
    for (const { quota, amount } of this.reservations.get(exchangeId)?.holds ?? [])
      if (quota.key.measure === 'spend') quota.settle(amount);
    this.reservations.delete(exchangeId);
  }

  /** Gives back what belongs to calls that the ledger has dropped. */
  private sweep(): void {
    const old = performance.now() - SWEEP_MS;
    if (this.ledger.state.waitingCount === 0)
      for (const [id, { recordedAt }] of this.reservations)
        if (recordedAt !== undefined && recordedAt < old) this.settle(id);
    if (this.reservations.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** Returns how much of a measure a finished call counts. What a model has read from its cache is not counted as tokens. */
function usedBy(row: CallRow, measure: Measure): number {
  switch (measure) {
    case 'requests':
      return 1;
    case 'tokens':
      return row.input_tokens + row.cache_write_5m_tokens + row.cache_write_1h_tokens + row.output_tokens;
    case 'spend':
      return Number(row.cost_nano_usd ?? 0);
  }
}
