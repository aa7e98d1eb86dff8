import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsIn, IsOptional } from 'class-validator';
import { ApiException } from '../api/api.exception';
import { IsDay } from '../api/day';
import { fieldRule } from '../api/field-rule';
import { dayAfter, daysBetween, isTimeZone, MAX_DAYS, today } from '../metering/days';
import { USAGE_GROUPS, UsageGroup } from '../metering/usage-groups';
import { Period } from '../metering/usage.service';
import { UsageSumsDto } from '../metering/usage-sums.dto';

const DEFAULT_DAYS = 30;

/** The maximum number of groups of an answer, which is in memory as a whole. */
export const MAX_GROUPS = 5_000;

const IsTimeZone = (): PropertyDecorator =>
  fieldRule(['invalid_time_zone'], (field, value) =>
    typeof value === 'string' && isTimeZone(value)
      ? undefined
      : { code: 'invalid_time_zone', message: `${field} must name a time zone, as UTC or Europe/Berlin` },
  );

/** A period of days in a time zone: the last thirty days unless it says otherwise. */
export class PeriodQueryDto {
  @ApiPropertyOptional({ format: 'date', description: 'The first day. 30 days before `to` by default.' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ format: 'date', description: 'The last day, included. Today by default.' })
  @IsOptional()
  @IsDay()
  to?: string;

  @ApiPropertyOptional({
    default: 'UTC',
    example: 'Europe/Berlin',
    description: 'The time zone of the days.',
  })
  @IsTimeZone()
  time_zone: string = 'UTC';
}

export class UsageQueryDto extends PeriodQueryDto {
  @ApiPropertyOptional({
    enum: USAGE_GROUPS,
    isArray: true,
    maxItems: 2,
    description: 'Up to two, separated by a comma. `person` is for organizations.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @ArrayMaxSize(2)
  @ArrayUnique()
  @IsIn(USAGE_GROUPS, { each: true })
  group_by: UsageGroup[] = [];
}

/**
 * Returns the period that a query means.
 * @throws ApiException (invalid_period)
 */
export function periodOf({ from, to, time_zone: timeZone }: PeriodQueryDto): Period {
  const last = to ?? (from === undefined ? today(timeZone) : later(from, today(timeZone)));
  const first = from ?? dayAfter(last, 1 - DEFAULT_DAYS);
  if (first > last)
    throw new ApiException('invalid_period', ['from must not be after to'], { field: 'from' });
  if (daysBetween(first, last) > MAX_DAYS)
    throw new ApiException('invalid_period', [`from and to must be at most ${MAX_DAYS} days apart`], {
      field: 'from',
    });
  return { from: first, to: last, timeZone };
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}

export class UsageGroupDto extends UsageSumsDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    example: { day: '2026-11-28', model: 'claude-sonnet-5-5' },
  })
  key!: Record<string, string | null>;
}

export class UsageDto {
  @ApiProperty({ format: 'date' })
  from!: string;

  @ApiProperty({ format: 'date' })
  to!: string;

  @ApiProperty({ example: 'UTC' })
  time_zone!: string;

  @ApiProperty({ enum: ['USD'] })
  currency!: 'USD';

  @ApiProperty({ type: UsageSumsDto })
  total!: UsageSumsDto;

  @ApiProperty({ type: [UsageGroupDto], maxItems: MAX_GROUPS, description: 'In the order of their keys.' })
  groups!: UsageGroupDto[];

  @ApiProperty({
    description: `The number of groups beyond ${MAX_GROUPS}. Those that cost least are not in \`groups\`, and their calls are in \`total\` all the same. \`usage.csv\` has all groups.`,
  })
  omitted_groups!: number;
}
