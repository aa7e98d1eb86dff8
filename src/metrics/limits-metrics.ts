import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { AlertDeliveries } from '../alerts/alert-deliveries';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { LimitAlertsService } from '../limits/limit-alerts.service';
import { Reservations } from '../limits/reservations';
import { readWhenAsked } from './process-metrics';

/** The kind of limit that refuses, by the code of the proxy's error. `unsure`: the limits could not be checked. */
const KINDS: Readonly<Record<string, string>> = {
  spend_limit: 'spend',
  spending_blocked: 'spend',
  rate_limit: 'rate',
  model_not_allowed: 'models',
  model_unknown: 'models',
  limits_unavailable: 'unsure',
};

/** The metrics of limits: what they refuse, what is open, which levels were reached, and whether the webhook was told. */
@Injectable()
export class LimitsMetrics implements ExchangeObserver {
  private readonly refusals: Counter<'provider' | 'kind'>;

  constructor(
    registry: Registry,
    reservations: Reservations,
    { counts: levels }: LimitAlertsService,
    { counts: deliveries }: AlertDeliveries,
  ) {
    const registers = [registry];
    this.refusals = new Counter({
      name: 'tracevault_limit_refusals_total',
      help: 'Calls that a limit has refused, by its kind; unsure: the limits could not be checked.',
      labelNames: ['provider', 'kind'],
      registers,
    });
    new Gauge({
      name: 'tracevault_limit_reservations',
      help: 'Calls that hold a part of a limit: open ones, and those that the ledger does not have yet.',
      registers,
      collect: readWhenAsked(() => reservations.size),
    });
    new Counter({
      name: 'tracevault_limit_levels_total',
      help: 'Levels of spend limits that were reached, in percent; each once for a subject and period.',
      labelNames: ['percent'],
      registers,
      collect() {
        this.reset();
        for (const [percent, count] of levels) this.inc({ percent }, count);
      },
    });
    new Counter({
      name: 'tracevault_alert_deliveries_total',
      help: 'Tries to tell the webhook. A failed one is repeated; what is given up is not.',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        for (const [result, count] of deliveries) this.inc({ result }, count);
      },
    });
  }

  onEnd({ error, providerId }: Exchange): void {
    const kind = error?.code === undefined ? undefined : KINDS[error.code];
    if (kind !== undefined) this.refusals.inc({ provider: providerId ?? 'none', kind });
  }
}
