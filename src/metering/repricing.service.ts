import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CONFIG, Config } from '../config/config';
import { dialectOf } from '../config/operator-provider';
import { CallEntity } from './call.entity';
import { isUnpriced } from './cost';
import { CostColumns, costColumns } from './cost-columns';
import { dayAfter } from './days';
import { pricedBy, StoredPriceFacts, usageOfFacts } from './price-facts';
import { PricesService } from './prices.service';
import { SELECT_CALLS, SELECT_USERS, UPDATE_COSTS } from './reprice-statement';
import { KeptReason, Repriced } from './repriced';

/** The number of calls that are read and changed together; nothing is locked for longer than one statement takes. */
const BATCH = 200;

interface Repricing {
  /** The first day (UTC). */
  readonly from: string;
  /** The last day, included. */
  readonly to: string;
  readonly dryRun: boolean;
  /** Is told after each batch how many calls were looked at. */
  readonly onProgress?: (calls: number) => void;
}

/** What the cost of a call is, and how it is explained. */
interface PricedColumns extends CostColumns {
  readonly price_facts: StoredPriceFacts;
}

/** A change of a call's cost. */
interface Change extends PricedColumns {
  readonly id: string;
  readonly at: Date;
  readonly before: string | null;
}

/** Computes the cost of stored calls again. */
@Injectable()
export class RepricingService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    private readonly prices: PricesService,
  ) {}

  /**
   * Gives the calls of a period the costs that they have at the prices in force at their time. It runs beside servers, and may be
   * stopped and run again: each batch changes calls and sums together.
   * @param repriced is filled meanwhile, so that it holds what was done also when this fails.
   */
  async reprice({ from, to, dryRun, onProgress }: Repricing, repriced: Repriced): Promise<void> {
    const period = [`${from}T00:00:00Z`, `${dayAfter(to, 1)}T00:00:00Z`] as const;
    const users = await this.dataSource.query<{ userId: string }[]>(SELECT_USERS, [...period]);
    let calls = 0;
    for (const { userId } of users) {
      for await (const batch of this.callsOf(userId, period)) {
        await this.repriceBatch(batch, period, dryRun, repriced);
        calls += batch.length;
        onProgress?.(calls);
      }
    }
  }

  private async *callsOf(userId: string, period: readonly [string, string]): AsyncGenerator<CallEntity[]> {
    let [at, id] = ['-infinity', ''];
    for (;;) {
      const parameters = [userId, ...period, at, id, BATCH];
      const batch = await this.dataSource.query<CallEntity[]>(SELECT_CALLS, parameters);
      if (batch.length > 0) yield batch;
      const last = batch.at(-1);
      if (last === undefined || batch.length < BATCH) return;
      [at, id] = [last.at.toISOString(), last.id];
    }
  }

  private async repriceBatch(
    batch: readonly CallEntity[],
    period: readonly [string, string],
    dryRun: boolean,
    repriced: Repriced,
  ): Promise<void> {
    const changes = new Map<string, Change>();
    for (const call of batch) {
      const columns = this.costOf(call);
      if (typeof columns === 'string') repriced.keep(call.provider, modelOf(call), columns);
      else if (isOther(call, columns))
        changes.set(call.id, { id: call.id, at: call.at, before: call.costNanoUsd, ...columns });
    }
    if (changes.size === 0) return;
    const changed = dryRun ? new Set(changes.keys()) : await this.write([...changes.values()], period);
    for (const call of batch) {
      const change = changes.get(call.id);
      if (change === undefined || !changed.has(call.id)) continue;
      const before = change.before === null ? undefined : BigInt(change.before);
      repriced.change(call.provider, modelOf(call), before, BigInt(change.cost_nano_usd ?? 0));
    }
  }

  private async write(changes: readonly Change[], period: readonly [string, string]): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ id: string }[]>(UPDATE_COSTS, [
      JSON.stringify(changes),
      ...period,
    ]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Computes the cost of a stored call, or says why it keeps the one that it has. */
  private costOf(call: CallEntity): PricedColumns | KeptReason {
    if (call.costLines?.some(([category]) => category === 'reported') === true) return 'reported';
    if (call.priceFacts === null) return 'no_facts';
    const dialect = dialectOf(call.provider, this.config.providers);
    if (dialect === undefined) return 'provider';
    const usage = usageOfFacts(call, call.priceFacts);
    const cost = this.prices.costOf(usage, { id: call.provider, dialect }, call.at);
    if (isUnpriced(cost)) return cost.reason;
    const columns = costColumns(cost);
    if (columns.cost_nano_usd === null) return 'unreadable';
    return { ...columns, price_facts: pricedBy(call.priceFacts, cost.price) };
  }
}

function isOther(call: CallEntity, columns: PricedColumns): boolean {
  return (
    call.costNanoUsd !== columns.cost_nano_usd ||
    call.priceId !== columns.price_id ||
    JSON.stringify(call.costLines) !== JSON.stringify(columns.cost_lines) ||
    JSON.stringify(call.priceFacts?.override) !== JSON.stringify(columns.price_facts.override)
  );
}

function modelOf({ model, requestedModel }: CallEntity): string {
  return model ?? requestedModel ?? '';
}
