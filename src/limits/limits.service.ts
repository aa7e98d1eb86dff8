import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { ApiException } from '../api/api.exception';
import { ErrorCode } from '../api/error-codes';
import { AccessChanges } from '../auth/access-changes';
import { KeyedMutex } from '../auth/keyed-mutex';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { PricesService } from '../metering/prices.service';
import { MembershipEntity } from '../orgs/membership.entity';
import { OrgEntity } from '../orgs/org.entity';
import { nanoOf } from './amounts';
import { CreateLimitDto, UpdateLimitDto } from './limit.dto';
import { LimitEntity, LimitKind } from './limit.entity';
import { isModelAllowed } from './model-patterns';

/** The maximum number of limits of an organization. */
const MAX_LIMITS = 500;

/** The fields of each kind of limit, beside those that all have. */
const FIELDS: Readonly<Record<LimitKind, readonly (keyof CreateLimitDto)[]>> = {
  spend: ['period', 'amount_usd', 'estimate', 'count_personal_keys'],
  rate: ['per_minute'],
  models: ['allow'],
};
const REQUIRED: Readonly<Record<LimitKind, readonly (keyof CreateLimitDto)[]>> = {
  spend: ['period', 'amount_usd'],
  rate: ['per_minute'],
  models: ['allow'],
};
const OF_KINDS = [...new Set(Object.values(FIELDS).flat())];

/** Creates, changes and deletes the limits of organizations. */
@Injectable()
export class LimitsService {
  constructor(
    @InjectRepository(LimitEntity) private readonly limits: Repository<LimitEntity>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly prices: PricesService,
    private readonly changes: AccessChanges,
    private readonly mutex: KeyedMutex,
  ) {}

  /** Returns the limits of an organization, the oldest first. */
  list(orgId: string): Promise<LimitEntity[]> {
    return this.limits.find({ where: { orgId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /**
   * Creates a limit. It counts what was spent in its period before.
   * @throws ApiException (required, conflicting_field, unknown_subject, unknown_model, limit_exists, too_many_limits)
   */
  async create(orgId: string, given: CreateLimitDto): Promise<LimitEntity> {
    const { kind, scope, subject_id: subjectId } = given;
    for (const field of REQUIRED[kind])
      if (given[field] === undefined)
        throw invalid(field, 'required', `${field} has to be given for ${kind}.`);
    checkFields(kind, given);
    if ((scope === 'member' || scope === 'token') !== (subjectId !== undefined))
      throw subjectId === undefined
        ? invalid('subject_id', 'required', `subject_id has to name the ${scope}.`)
        : invalid('subject_id', 'conflicting_field', `subject_id can’t be given for the scope ${scope}.`);
    if (subjectId !== undefined) await this.checkSubject(orgId, scope === 'member', subjectId);
    await this.checkModels(orgId, given.allow);
    return this.mutex.run(orgId, async () => {
      const created = await this.insert(orgId, given);
      this.changes.announce(orgId);
      return created;
    });
  }

  /**
   * Changes a limit, from the next call on.
   * @returns undefined if the organization has no such limit.
   * @throws ApiException (conflicting_field, unknown_model)
   */
  async update(orgId: string, id: string, given: UpdateLimitDto): Promise<LimitEntity | undefined> {
    const limit = await this.limits.findOneBy({ orgId, id });
    if (limit === null) return undefined;
    checkFields(limit.kind, given);
    await this.checkModels(orgId, given.allow);
    const changes = columnsOf(given);
    if (Object.keys(changes).length > 0) await this.limits.update({ orgId, id }, changes);
    this.changes.announce(orgId);
    return (await this.limits.findOneBy({ orgId, id })) ?? undefined;
  }

  /** Deletes a limit. Returns it as it was; undefined if the organization has no such limit. */
  async remove(orgId: string, id: string): Promise<LimitEntity | undefined> {
    const limit = await this.limits.findOneBy({ orgId, id });
    if (limit === null) return undefined;
    await this.limits.delete({ orgId, id });
    this.changes.announce(orgId);
    return limit;
  }

  private insert(orgId: string, given: CreateLimitDto): Promise<LimitEntity> {
    const { kind, scope, subject_id: subjectId = null, period = null } = given;
    return this.dataSource.transaction(async (transaction) => {
      await transaction.findOne(OrgEntity, { where: { id: orgId }, lock: { mode: 'for_no_key_update' } });
      const limits = transaction.getRepository(LimitEntity);
      const others = await limits.findBy({ orgId });
      if (others.length >= MAX_LIMITS)
        throw new ApiException(
          'too_many_limits',
          `The organization has ${MAX_LIMITS} limits, which is the most it can have. Delete one that is not needed any more, then try again.`,
        );
      const same = others.find(
        (other) =>
          other.kind === kind &&
          other.scope === scope &&
          other.subjectId === subjectId &&
          other.period === period,
      );
      if (same !== undefined)
        throw new ApiException(
          'limit_exists',
          `There is a limit of this kind, scope, subject and period already. Change that one: its id is ${same.id}.`,
        );
      const { id } = await limits.save(
        limits.create({ orgId, kind, scope, subjectId, period, ...columnsOf(given) }),
      );
      return limits.findOneByOrFail({ id });
    });
  }

  private async checkSubject(orgId: string, isMember: boolean, id: string): Promise<void> {
    const { manager } = this.limits;
    const exists = isMember
      ? await manager.existsBy(MembershipEntity, { orgId, userId: id })
      : await manager.existsBy(ProxyTokenEntity, { orgId, id });
    if (!exists)
      throw invalid(
        'subject_id',
        'unknown_subject',
        `subject_id names no ${isMember ? 'member' : 'proxy token'} of the organization.`,
      );
  }

  /** Refuses patterns that match nothing: a typing error would block everything else. */
  private async checkModels(orgId: string, allow: readonly string[] | undefined): Promise<void> {
    if (allow === undefined) return;
    const seen = await this.dataSource.query<{ model: string }[]>(
      `SELECT DISTINCT "model" FROM "usage_hourly" WHERE "org_id" = $1 AND "model" IS NOT NULL LIMIT 10000`,
      [orgId],
    );
    const models = [...this.prices.models(), ...seen.map(({ model }) => model)];
    for (const pattern of allow)
      if (!models.some((model) => isModelAllowed(model, [pattern])))
        throw invalid(
          'allow',
          'unknown_model',
          `"${pattern}" matches no model that TraceVault has a price for or has seen. Check its spelling.`,
        );
  }
}

function checkFields(kind: LimitKind, given: UpdateLimitDto): void {
  for (const field of OF_KINDS)
    if ((given as CreateLimitDto)[field] !== undefined && !FIELDS[kind].includes(field))
      throw invalid(field, 'conflicting_field', `${field} can’t be given for a limit of the kind ${kind}.`);
}

function columnsOf(given: UpdateLimitDto): Partial<LimitEntity> {
  const { amount_usd, per_minute, allow, estimate, count_personal_keys, until, note } = given;
  return {
    ...(amount_usd !== undefined && { amountNanoUsd: amount_usd === null ? null : nanoOf(amount_usd) }),
    ...(per_minute !== undefined && {
      requestsPerMinute: per_minute.requests ?? null,
      tokensPerMinute: per_minute.tokens?.toString() ?? null,
    }),
    ...(allow !== undefined && { allow }),
    ...(estimate !== undefined && { estimate }),
    ...(count_personal_keys !== undefined && { countPersonalKeys: count_personal_keys }),
    ...(until !== undefined && { until: until === null ? null : new Date(until) }),
    ...(note !== undefined && { note }),
  };
}

function invalid(field: string, code: ErrorCode, message: string): ApiException {
  return new ApiException(code, message, { field });
}
