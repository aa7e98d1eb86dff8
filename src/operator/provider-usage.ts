import { isObject } from '../config/json-file';
import { inUnits, parseDecimal } from '../metering/decimal';
import { UsageGroupSums } from '../metering/usage.service';
import { ReportResult, unknownForm } from './admin-reports';

const NANO = 9;
/** Amounts are in cents. */
const CENTS = 2;
/** The difference of costs from which on it counts: below a cent a day and model the two round differently. */
const CENT = 10_000_000n;

/** What is compared. */
const COMPARED = ['input', 'cache read', 'cache write 5m', 'cache write 1h', 'output', 'cost'] as const;
type Compared = (typeof COMPARED)[number];
type Amounts = Record<Compared, bigint>;

/** A difference between the ledger and the provider's reports. The cost is in billionths of a US dollar. */
export interface Difference {
  readonly day: string;
  readonly model: string;
  readonly what: Compared;
  readonly here: bigint;
  readonly there: bigint;
}

/** Sums by day and model. */
export class DailyUsage {
  private readonly rows = new Map<string, Amounts>();

  /** @param groups the ledger's sums by day, provider and model. */
  static ofLedger(groups: readonly UsageGroupSums[], providerId: string): DailyUsage {
    const daily = new DailyUsage();
    for (const { keys, ...sums } of groups) {
      const [day, provider, model] = keys;
      if (provider !== providerId) continue;
      daily.add(day ?? '', model ?? undefined, {
        input: BigInt(sums.input_tokens),
        'cache read': BigInt(sums.cache_read_tokens),
        'cache write 5m': BigInt(sums.cache_write_5m_tokens),
        'cache write 1h': BigInt(sums.cache_write_1h_tokens),
        output: BigInt(sums.output_tokens),
        cost: BigInt(sums.cost_nano_usd),
      });
    }
    return daily;
  }

  /** @throws StartError when a result is not in the documented form. */
  static ofReports(usage: readonly ReportResult[], costs: readonly ReportResult[]): DailyUsage {
    const daily = new DailyUsage();
    for (const result of usage) {
      const created = isObject(result.cache_creation) ? result.cache_creation : {};
      daily.add(result.day, modelOf(result), {
        input: count(result.uncached_input_tokens),
        'cache read': count(result.cache_read_input_tokens),
        'cache write 5m': count(created.ephemeral_5m_input_tokens),
        'cache write 1h': count(created.ephemeral_1h_input_tokens),
        output: count(result.output_tokens),
      });
    }
    for (const result of costs) daily.add(result.day, modelOf(result), { cost: nanoUsd(result) });
    return daily;
  }

  /** Lists what differs, by day and model. */
  differencesTo(there: DailyUsage): Difference[] {
    const keys = [...new Set([...this.rows.keys(), ...there.rows.keys()])].sort();
    return keys.flatMap((key) => {
      const [day = '', model = ''] = key.split('\n');
      return COMPARED.map((what) => ({
        ...{ day, model, what },
        here: this.rows.get(key)?.[what] ?? 0n,
        there: there.rows.get(key)?.[what] ?? 0n,
      })).filter(isDifferent);
    });
  }

  private add(day: string, model: string | undefined, amounts: Partial<Amounts>): void {
    const key = `${day}\n${model ?? '(no model)'}`;
    const sums = this.rows.get(key) ?? zero();
    this.rows.set(key, sums);
    for (const what of COMPARED) sums[what] += amounts[what] ?? 0n;
  }
}

function zero(): Amounts {
  return { input: 0n, 'cache read': 0n, 'cache write 5m': 0n, 'cache write 1h': 0n, output: 0n, cost: 0n };
}

function isDifferent({ what, here, there }: Difference): boolean {
  const by = here > there ? here - there : there - here;
  return what === 'cost' ? by >= CENT : by > 0n;
}

function modelOf({ model }: ReportResult): string | undefined {
  return typeof model === 'string' ? model : undefined;
}

function count(value: unknown): bigint {
  if (value === null || value === undefined) return 0n;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unknownForm();
  return BigInt(value as number);
}

function nanoUsd({ amount, currency }: ReportResult): bigint {
  const cents = typeof amount === 'string' ? parseDecimal(amount) : undefined;
  if (cents === undefined || currency !== 'USD') throw unknownForm();
  return inUnits({ digits: cents.digits, scale: cents.scale + CENTS }, NANO);
}
