import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { LedgerService } from '../metering/ledger.service';
import { RecordedCalls, TOKEN_COLUMNS } from '../metering/recorded-calls';
import { ModelLabels } from './model-labels';

type Of = 'provider' | 'model';

/**
 * The metrics of what calls used and cost. They are counted when the ledger has the calls, so that they add up to what the
 * ledger says: a call that is written twice, or whose usage was billed before, counts once.
 */
@Injectable()
export class CallMetrics {
  private readonly labels = new ModelLabels();
  private readonly calls: Counter<Of | 'usage_state'>;
  private readonly tokens: Counter<Of | 'kind'>;
  private readonly cost: Counter<Of>;
  private readonly unpriced: Counter<Of>;

  constructor(registry: Registry, ledger: LedgerService) {
    const registers = [registry];
    this.calls = new Counter({
      name: 'tracevault_calls_total',
      help: 'Calls in the ledger, by the model that answered and by how sure their usage is.',
      labelNames: ['provider', 'model', 'usage_state'],
      registers,
    });
    this.tokens = new Counter({
      name: 'tracevault_tokens_total',
      help: 'Tokens of the calls in the ledger. The kinds are disjoint.',
      labelNames: ['provider', 'model', 'kind'],
      registers,
    });
    this.cost = new Counter({
      name: 'tracevault_cost_usd_total',
      help: 'What the calls in the ledger cost, in US dollars, as far as their prices are known.',
      labelNames: ['provider', 'model'],
      registers,
    });
    this.unpriced = new Counter({
      name: 'tracevault_unpriced_calls_total',
      help: 'Calls in the ledger with usage and without a price, which are missing from the cost.',
      labelNames: ['provider', 'model'],
      registers,
    });
    ledger.observe({
      written: (_, recorded) => {
        for (const sums of recorded) this.count(sums);
      },
    });
  }

  private count(sums: RecordedCalls): void {
    const { provider, usage_state } = sums;
    const of = { provider, model: this.labels.labelOf(sums) };
    this.calls.inc({ ...of, usage_state }, sums.calls);
    if (sums.unpriced_calls > 0) this.unpriced.inc(of, sums.unpriced_calls);
    if (sums.cost_usd > 0) this.cost.inc(of, sums.cost_usd);
    for (const column of TOKEN_COLUMNS)
      if (sums[column] > 0) this.tokens.inc({ ...of, kind: column.replace('_tokens', '') }, sums[column]);
  }
}
