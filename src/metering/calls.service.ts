import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Outcome } from '../exchange/facts';
import { Repository, SelectQueryBuilder } from 'typeorm';
import { CallEntity } from './call.entity';
import { UsageState } from './usage';
import { Period, Whose } from './usage.service';

/** Which calls of a period are listed. */
export interface CallFilter {
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly usageState?: UsageState | undefined;
  readonly tokenId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly personId?: string | undefined;
}

/** The place in a list behind a call: the next page begins there. */
export interface CallCursor {
  readonly at: string;
  readonly id: string;
}

/** The number of calls in memory at once where all of a period are read. */
const PAGE = 500;

/** Lists the calls of the ledger, the newest first. */
@Injectable()
export class CallsService {
  constructor(@InjectRepository(CallEntity) private readonly calls: Repository<CallEntity>) {}

  /** @param limit the maximum number of calls. */
  async list(
    whose: Whose,
    period: Period,
    filter: CallFilter,
    { limit, after }: { readonly limit: number; readonly after?: CallCursor | undefined },
  ): Promise<CallEntity[]> {
    const query = this.of(whose)
      .andWhere('call.at >= (:from::date)::timestamp AT TIME ZONE :timeZone')
      .andWhere('call.at < (:to::date + 1)::timestamp AT TIME ZONE :timeZone')
      .setParameters({ ...period });
    if (filter.model !== undefined)
      query.andWhere('coalesce(call.model, call.requested_model) = :model', { model: filter.model });
    const columns = [
      ['provider', filter.provider],
      ['outcome', filter.outcome],
      ['usage_state', filter.usageState],
      ['proxy_token_id', filter.tokenId],
      ['agent_session_id', filter.sessionId],
      ['user_id', filter.personId],
    ] as const;
    for (const [column, value] of columns)
      if (value !== undefined) query.andWhere(`call.${column} = :${column}`, { [column]: value });
    if (after !== undefined)
      query.andWhere('(call.at, call.id) < (:cursorAt::timestamptz, :cursorId)', {
        cursorAt: after.at,
        cursorId: after.id,
      });
    return query.orderBy('call.at', 'DESC').addOrderBy('call.id', 'DESC').limit(limit).getMany();
  }

  /** Yields all calls of a period in pages. Between two pages no connection is held, however slowly they are taken. */
  async *pages(whose: Whose, period: Period, filter: CallFilter): AsyncGenerator<CallEntity[]> {
    let after: CallCursor | undefined;
    for (;;) {
      const calls = await this.list(whose, period, filter, { limit: PAGE, after });
      const last = calls.at(-1);
      if (last !== undefined) yield calls;
      if (last === undefined || calls.length < PAGE) return;
      after = { at: last.at.toISOString(), id: last.id };
    }
  }

  /** Returns the call with this id; null if there is none among them. */
  find(whose: Whose, id: string): Promise<CallEntity | null> {
    return this.of(whose).andWhere('call.id = :id', { id }).getOne();
  }

  private of({ userId, orgId }: Whose): SelectQueryBuilder<CallEntity> {
    const query = this.calls.createQueryBuilder('call').where('true');
    if (userId !== undefined) query.andWhere('call.user_id = :userId', { userId });
    if (orgId !== undefined) query.andWhere('call.org_id = :orgId', { orgId });
    return query;
  }
}
