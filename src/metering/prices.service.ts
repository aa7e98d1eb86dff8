import { Inject, Injectable } from '@nestjs/common';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { Dialect, dialectOf } from '../config/operator-provider';
import { PriceOverrides } from '../config/price-row';
import { readPricesFile } from '../config/prices-file';
import { LOGGER } from '../logging/logging.module';
import { Cost, Unpriced } from './cost';
import { costOf } from './cost-of';
import { DearestRates, dearestRates, dearRatesOfUnknown } from './dearest-rates';
import { formatDecimal } from './decimal';
import { Price } from './price';
import { PriceTable } from './price-table';
import { Usage } from './usage';
import { PricedProvider } from './vendor-rules';

/** A price in force, and the dialect whose factors apply to it. */
export interface PriceInForce {
  readonly price: Price;
  readonly dialect: Dialect;
}

/** The prices in force, and what calls cost at them. */
@Injectable()
export class PricesService {
  private overrides: PriceOverrides;
  private table: PriceTable;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.overrides = config.prices.overrides;
    this.table = new PriceTable(this.overrides);
  }

  /** Computes what a call cost at the prices of its time. */
  costOf(usage: Usage, provider: PricedProvider, at: Date): Cost | Unpriced {
    return costOf(usage, provider, at, this.table);
  }

  /** Returns the names of all models that have a price; a name that stands for releases is without its `*`. */
  models(): string[] {
    return this.table
      .inForce(Date.now())
      .flatMap(({ row: { model, aliases = [] } }) =>
        [model, ...aliases].map((name) => name.replace(/\*$/, '')),
      );
  }

  /** Returns the dearest rates at which a model can be billed; those of a dear model of the vendor if it has no price. */
  dearest(provider: PricedProvider, model: string | undefined, at: Date): DearestRates {
    const price = model === undefined ? undefined : this.table.find(provider, model, at.getTime());
    const factor = Number(formatDecimal(this.table.multiplierOf(provider.id)));
    const rates =
      price === undefined
        ? dearRatesOfUnknown(this.table.inForce(at.getTime()), provider)
        : dearestRates(price, provider);
    return { input: rates.input * factor, output: rates.output * factor };
  }

  /** Reads the operator's file again. If it has an error, the old prices stay in force. */
  reload(): void {
    const { file } = this.config.prices;
    if (file === undefined) {
      this.logger.info('There are no prices to read again: TRACEVAULT_PRICES is not set');
      return;
    }
    const { overrides, problems } = readPricesFile(file, this.config.providers);
    if (problems.length > 0) {
      this.logger.error(
        { problems },
        'The prices could not be read again: the old ones stay in force. Correct the file and send SIGHUP once more',
      );
      return;
    }
    this.overrides = overrides;
    this.table = new PriceTable(overrides);
    this.logger.info({ rows: overrides.rows.length }, 'The prices were read again, and are in force');
  }

  /** Lists the prices that apply at a time, by provider and model, and the factors of the operator's contracts. */
  inForce(at: Date): { multipliers: PriceOverrides['multipliers']; prices: PriceInForce[] } {
    const prices = this.table.inForce(at.getTime()).flatMap((price) => {
      const dialect = dialectOf(price.row.provider, this.config.providers);
      return dialect === undefined ? [] : [{ price, dialect }];
    });
    return { multipliers: this.overrides.multipliers, prices: prices.sort(byModel) };
  }
}

function byModel({ price: { row: one } }: PriceInForce, { price: { row: other } }: PriceInForce): number {
  const [left, right] = [`${one.provider}\n${one.model}`, `${other.provider}\n${other.model}`];
  return left < right ? -1 : Number(left > right);
}
