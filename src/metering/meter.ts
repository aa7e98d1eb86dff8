import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Logger } from 'pino';
import { ByteTap, Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { LOGGER } from '../logging/logging.module';
import { Provider } from '../providers/provider';
import { Routes } from '../providers/routes';
import { agentSessionOf } from './agent-session';
import { Cost, isUnpriced } from './cost';
import { LedgerService } from './ledger.service';
import { MeteredCall, meteredCall } from './metered-call';
import { PricesService } from './prices.service';
import { ExchangeFacts, factsOf, hashOf, rowOf, usageColumns } from './row-of-call';
import { shown } from './shown';
import { NO_USAGE, Usage } from './usage';
import { UsageTap } from './usage-tap';

/** The maximum number of models that are remembered as unpriced: their names come from requests. */
const MAX_UNPRICED = 1_000;

/** The endpoint of a batch's result, which is a row of its own. */
const RESULT = 'batches.result';

/** The number of results of a batch that are recorded in one turn of the event loop. */
const SLICE = 100;

/** Observes the calls through the proxy: reads their usage from a copy of their bytes, and writes each into the ledger. */
@Injectable()
export class Meter implements ExchangeObserver {
  /** The models without a price that the log has been told of. */
  private readonly unpriced = new Set<string>();

  constructor(
    private readonly routes: Routes,
    private readonly ledger: LedgerService,
    private readonly prices: PricesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onForward(exchange: Exchange): ByteTap {
    const { request, target, providerId } = exchange;
    const { provider } = this.routes.get(providerId);
    const call = meteredCall(provider, request.method ?? '', target);
    const tap = new UsageTap(call, {
      requestCoding: request.headers['content-encoding'],
      ...(exchange.isCounted && { isBehind: () => false }),
    });
    this.ledger.expect(exchange.id, this.record(exchange, provider, call, tap.usages));
    return tap;
  }

  /** Computes the cost of usage, if it has one; the log is told once of each model without a price. */
  private costOf(usage: Usage, provider: Provider, at: Date): Cost | undefined {
    if (usage.state === 'none' || usage.state === 'unreadable') return undefined;
    const cost = this.prices.costOf(usage, provider, at);
    if (!isUnpriced(cost)) return cost;
    const model = shown(usage.model ?? usage.requestedModel);
    const name = `${provider.id} ${model ?? ''}`;
    if (!this.unpriced.has(name) && this.unpriced.size < MAX_UNPRICED) {
      this.unpriced.add(name);
      this.logger.warn(
        { provider: provider.id, model, reason: cost.reason },
        'Calls of this model have no price: their cost is unknown. Give it one (TRACEVAULT_PRICES)',
      );
    }
    return undefined;
  }

  /** Adds the rows of a call, those of a large batch in slices, so that nothing else waits for them. */
  private async record(
    exchange: Exchange,
    provider: Provider,
    call: MeteredCall,
    reading: Promise<readonly Usage[]>,
  ): Promise<void> {
    const usages = await reading;
    const session = (await exchange.agentSession) ?? agentSessionOf(exchange.request.headers, provider);
    const facts = factsOf(exchange, provider, session);
    if (facts === undefined) return;
    const at = new Date(facts.at);
    const columns = (usage: Usage) => usageColumns(usage, this.costOf(usage, provider, at));
    const { endpoint } = call;
    if (call.format !== 'batch_results') {
      const [usage = NO_USAGE] = usages;
      this.ledger.add(rowOf({ endpoint, once_key: onceKey(provider, usage) }, facts, columns(usage)));
      return;
    }
    const isUnreadable = usages.some(({ state }) => state === 'unreadable');
    const download = { ...NO_USAGE, state: isUnreadable ? 'unreadable' : 'none' } as const;
    this.ledger.add(rowOf({ endpoint, once_key: null }, facts, columns(download)));
    for (const [index, usage] of usages.entries()) {
      const once_key = onceKey(provider, usage);
      if (once_key === null) continue;
      this.ledger.add(rowOf({ endpoint: RESULT, once_key }, resultFacts(facts, once_key), columns(usage)));
      if (index % SLICE === SLICE - 1) await nextTurn();
    }
  }
}

/**
 * Returns the key of usage that is billed once; null for any other. A floor has none: the provider may report the whole later,
 * which has to count.
 */
function onceKey({ id }: Provider, { billedOnceKey, state }: Usage): string | null {
  return billedOnceKey === undefined || state !== 'measured' ? null : hashOf(`${id} ${billedOnceKey}`);
}

/** Returns what is known of a batch's result, whose bytes are those of its download. */
function resultFacts(facts: ExchangeFacts, key: string): ExchangeFacts {
  const noBodies = { request_bytes: 0, response_bytes: 0, request_sha256: null, response_sha256: null };
  return { ...facts, id: `once_${key}`, ...noBodies };
}
