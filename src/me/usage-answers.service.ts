import { Injectable } from '@nestjs/common';
import { ApiException } from '../api/api.exception';
import { CallDto } from '../metering/call.dto';
import { CallsService } from '../metering/calls.service';
import { UsageService, Whose } from '../metering/usage.service';
import { shownSums } from '../metering/shown-sums';
import { cursorBehind, readCursor } from '../api/cursor';
import { CallDetailsDto, CallsDto } from './calls.dto';
import { CallsQueryDto, filterOf, OrgCallsQueryDto } from './calls-query.dto';
import { MAX_GROUPS, periodOf, UsageDto, UsageQueryDto } from './usage.dto';

/** Answers what calls cost, for a person's own calls and for those of an organization. */
@Injectable()
export class UsageAnswersService {
  constructor(
    private readonly usage: UsageService,
    private readonly calls: CallsService,
  ) {}

  /** @throws ApiException (invalid_period) */
  async sums(whose: Whose, query: UsageQueryDto): Promise<UsageDto> {
    const period = periodOf(query);
    const { group_by } = query;
    const { total, groups, omittedGroups } = await this.usage.sums(whose, period, group_by, MAX_GROUPS);
    return {
      from: period.from,
      to: period.to,
      time_zone: period.timeZone,
      currency: 'USD',
      total: shownSums(total),
      groups: groups.map(({ keys, ...sums }) => ({
        key: Object.fromEntries(group_by.map((group, index) => [group, keys[index] ?? null])),
        ...shownSums(sums),
      })),
      omitted_groups: omittedGroups,
    };
  }

  /** @throws ApiException (invalid_period, invalid_cursor) */
  async list(whose: Whose, query: CallsQueryDto | OrgCallsQueryDto): Promise<CallsDto> {
    const { limit, cursor } = query;
    const calls = await this.calls.list(whose, periodOf(query), filterOf(query), {
      limit: limit + 1,
      after: readCursor(cursor),
    });
    const page = calls.slice(0, limit);
    const last = page.at(-1);
    return {
      calls: page.map((call) => CallDto.of(call)),
      next_cursor: calls.length > limit && last !== undefined ? cursorBehind(last) : null,
    };
  }

  /** @throws ApiException (call_not_found) */
  async call(whose: Whose, id: string): Promise<CallDetailsDto> {
    const call = /^\w{1,64}$/.test(id) ? await this.calls.find(whose, id) : null;
    if (call === null)
      throw new ApiException('call_not_found', 'There is no such call, or it is not yours to see.');
    return CallDetailsDto.of(call);
  }
}
