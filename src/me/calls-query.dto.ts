import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { IsId } from '../api/id';
import { IsCursor, IsPageLimit, PAGE_SIZE } from '../api/page-query';
import { OUTCOMES, Outcome } from '../exchange/facts';
import { CallFilter } from '../metering/calls.service';
import { USAGE_STATES, UsageState } from '../metering/usage';
import { PeriodQueryDto } from './usage.dto';

const MAX_CALLS = 200;

/** Which calls of a period are meant. */
export class CallsFilterDto extends PeriodQueryDto {
  @ApiPropertyOptional({ example: 'claude-sonnet-5-5' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 256 })
  model?: string;

  @ApiPropertyOptional({ example: 'anthropic' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 64 })
  provider?: string;

  @ApiPropertyOptional({ enum: OUTCOMES })
  @IsOptional()
  @IsIn(OUTCOMES)
  outcome?: Outcome;

  @ApiPropertyOptional({ enum: USAGE_STATES })
  @IsOptional()
  @IsIn(USAGE_STATES)
  usage_state?: UsageState;

  @ApiPropertyOptional({ format: 'uuid', description: 'The id of a proxy token.' })
  @IsOptional()
  @IsId()
  token?: string;

  @ApiPropertyOptional({ description: 'The id of an agent’s session.' })
  @IsOptional()
  @IsDisplayText({ min: 1, max: 256 })
  session?: string;
}

export class CallsQueryDto extends CallsFilterDto {
  @IsPageLimit(MAX_CALLS)
  limit = PAGE_SIZE;

  @IsCursor()
  cursor?: string;
}

const IsPerson = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      format: 'uuid',
      description: 'The id of a person. Members see their own calls alone.',
    }),
    IsOptional(),
    IsId(),
  );

export class OrgCallsFilterDto extends CallsFilterDto {
  @IsPerson()
  person?: string;
}

export class OrgCallsQueryDto extends CallsQueryDto {
  @IsPerson()
  person?: string;
}

/** Returns the calls that a query means, in the words of the ledger. */
export function filterOf(query: CallsFilterDto | OrgCallsFilterDto): CallFilter {
  const { model, provider, outcome, usage_state: usageState, token: tokenId, session: sessionId } = query;
  const personId = 'person' in query ? query.person : undefined;
  return { model, provider, outcome, usageState, tokenId, sessionId, personId };
}
