import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { usdOf } from '../metering/decimal';
import { applicableLimits } from './applicable-limits';
import { GrantsRepository, QuotaUse } from './grants.repository';
import { EffectiveLimitDto, LimitDto } from './limit.dto';
import { LimitEntity } from './limit.entity';
import { OrgLimitsService } from './org-limits.service';
import { spendKeyOf } from './spend-key';
import { reachedLevels } from './spend-levels';

const NOT_OF_MONEY = {
  spent_usd: null,
  reserved_usd: null,
  left_usd: null,
  warning_percent: null,
  resets_at: null,
};

/** Tells which limits apply to somebody, and how much of them is used. */
@Injectable()
export class EffectiveLimitsService {
  constructor(
    private readonly orgLimits: OrgLimitsService,
    private readonly grants: GrantsRepository,
    @InjectRepository(ProxyTokenEntity) private readonly tokens: Repository<ProxyTokenEntity>,
  ) {}

  /** Returns the limits of a member of an organization, those of their proxy tokens included. */
  async of(orgId: string, userId: string): Promise<EffectiveLimitDto[]> {
    const limits = await this.orgLimits.of(orgId);
    const ofTokens = limits.flatMap(({ scope, subjectId }) =>
      scope === 'token' && subjectId !== null ? [subjectId] : [],
    );
    const at = Date.now();
    const call = { userId, proxyTokenId: undefined, isOnOwnKey: false, at };
    const own = await this.ownTokens(userId, ofTokens);
    const applied = [
      ...applicableLimits(limits, call),
      ...own.flatMap((proxyTokenId) =>
        applicableLimits(limits, { ...call, proxyTokenId }).filter(({ limit }) => limit.scope === 'token'),
      ),
    ];
    const keyed = applied.map((one) => ({ limit: one.limit, key: spendKeyOf(one, at) }));
    const used = await this.grants.used(keyed.flatMap(({ key }) => key ?? []));
    return keyed.map(({ limit, key }) => ({
      ...LimitDto.of(limit),
      ...(key === undefined ? NOT_OF_MONEY : moneyOf(limit, key.period.end, used.get(key))),
    }));
  }

  private async ownTokens(userId: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const own = await this.tokens.findBy({ userId });
    return own.map(({ id }) => id).filter((id) => ids.includes(id));
  }
}

function moneyOf({ amountNanoUsd }: LimitEntity, end: number, use: QuotaUse | undefined) {
  const { spent, held } = use ?? { spent: 0, held: 0 };
  const amount = amountNanoUsd === null ? undefined : Number(amountNanoUsd);
  return {
    spent_usd: usd(spent),
    reserved_usd: usd(held),
    left_usd: amount === undefined ? null : usd(Math.max(0, amount - spent - held)),
    warning_percent: amount === undefined ? null : (reachedLevels(spent, amount).at(-1) ?? null),
    resets_at: new Date(end).toISOString(),
  };
}

function usd(nanoUsd: number): string {
  return usdOf(BigInt(nanoUsd));
}
