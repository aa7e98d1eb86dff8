import { UnpricedReason } from './cost';

/** Why a call keeps the cost that it has: none can be computed, or the provider itself said what it costs. */
export type KeptReason = UnpricedReason | 'reported' | 'no_facts' | 'provider';

/** What became of the calls of a model. */
interface ModelOf {
  readonly provider: string;
  readonly model: string;
  calls: number;
}

/** The calls of a model whose cost was computed again and is another one, or is explained by other prices. */
export interface RepricedModel extends ModelOf {
  /** The sum of their costs before, in billionths of a US dollar, and the number of those that had none. */
  before: bigint;
  unpricedBefore: number;
  after: bigint;
}

/** The calls of a model that are left as they are. */
export interface KeptModel extends ModelOf {
  readonly reason: KeptReason;
}

/** Adds up by model what repricing does. */
export class Repriced {
  private readonly changed = new Map<string, RepricedModel>();
  private readonly kept = new Map<string, KeptModel>();

  get changes(): RepricedModel[] {
    return [...this.changed.values()].sort(byName);
  }

  get left(): KeptModel[] {
    return [...this.kept.values()].sort(byName);
  }

  get total(): Pick<RepricedModel, 'calls' | 'before' | 'unpricedBefore' | 'after'> {
    const total = { calls: 0, before: 0n, unpricedBefore: 0, after: 0n };
    for (const { calls, before, unpricedBefore, after } of this.changed.values()) {
      total.calls += calls;
      total.before += before;
      total.unpricedBefore += unpricedBefore;
      total.after += after;
    }
    return total;
  }

  change(provider: string, model: string, before: bigint | undefined, after: bigint): void {
    const key = `${provider}\n${model}`;
    const sums = this.changed.get(key) ?? {
      provider,
      model,
      calls: 0,
      before: 0n,
      unpricedBefore: 0,
      after: 0n,
    };
    this.changed.set(key, sums);
    sums.calls++;
    sums.before += before ?? 0n;
    sums.unpricedBefore += before === undefined ? 1 : 0;
    sums.after += after;
  }

  keep(provider: string, model: string, reason: KeptReason): void {
    const key = `${provider}\n${model}\n${reason}`;
    const sums = this.kept.get(key) ?? { provider, model, reason, calls: 0 };
    this.kept.set(key, sums);
    sums.calls++;
  }
}

function byName(one: ModelOf, other: ModelOf): number {
  return one.provider.localeCompare(other.provider) || one.model.localeCompare(other.model);
}
