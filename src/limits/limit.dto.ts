import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, ValidateIf } from 'class-validator';
import { IsDisplayText } from '../api/display-text';
import { IsId } from '../api/id';
import { trimmed } from '../api/trimmed';
import { centsOf } from './amounts';
import {
  ESTIMATES,
  EstimateKind,
  LIMIT_KINDS,
  LIMIT_SCOPES,
  LimitEntity,
  LimitKind,
  LimitScope,
} from './limit.entity';
import { IsAmount, IsFutureTime, IsPatterns, IsPerMinute, PerMinute } from './limit-rules';
import { SPEND_PERIODS, SpendPeriod } from './period';
import { SPEND_LEVELS, SpendLevel } from './spend-levels';

const MAX_NOTE_LENGTH = 200;
const ifNotNull = ValidateIf((_, value) => value !== null && value !== undefined);

export class PerMinuteDto implements PerMinute {
  @ApiPropertyOptional({ type: Number, nullable: true, example: 60 })
  requests?: number | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    example: 200_000,
    description: 'Uncached input, cache writes and output.',
  })
  tokens?: number | null;
}

/** The parts of a limit that can change. */
export class UpdateLimitDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '25.00',
    description:
      'For `spend`: US dollars with at most two decimals. `"0"` blocks, null is unlimited, which replaces the default of everyone.',
  })
  @ifNotNull
  @IsAmount()
  amount_usd?: string | null;

  @ApiPropertyOptional({ type: PerMinuteDto, description: 'For `rate`.' })
  @IsOptional()
  @IsPerMinute()
  per_minute?: PerMinuteDto;

  @ApiPropertyOptional({
    type: [String],
    example: ['claude-haiku-*', 'claude-sonnet-5'],
    description: 'For `models`: `*` stands for any text.',
  })
  @IsOptional()
  @IsPatterns()
  allow?: string[];

  @ApiPropertyOptional({
    enum: ESTIMATES,
    default: 'strict',
    description:
      'For `spend`, how dear a call is taken before it is made: the worst case, or three times what the calls of its session usually cost.',
  })
  @IsOptional()
  @IsIn(ESTIMATES)
  estimate?: EstimateKind;

  @ApiPropertyOptional({
    default: false,
    description: 'For `spend`: whether calls with keys of their own count as well.',
  })
  @IsOptional()
  @IsBoolean()
  count_personal_keys?: boolean;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the limit ends by itself.',
  })
  @ifNotNull
  @IsFutureTime()
  until?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MAX_NOTE_LENGTH })
  @ifNotNull
  @trimmed
  @IsDisplayText({ min: 1, max: MAX_NOTE_LENGTH })
  note?: string | null;
}

export class CreateLimitDto extends UpdateLimitDto {
  @ApiProperty({ enum: LIMIT_KINDS })
  @IsIn(LIMIT_KINDS)
  kind!: LimitKind;

  @ApiProperty({
    enum: LIMIT_SCOPES,
    description:
      '`organization`: all together. `everyone`: each member, unless they have a limit of their own. `member`, `token`: the one that `subject_id` names.',
  })
  @IsIn(LIMIT_SCOPES)
  scope!: LimitScope;

  @ApiPropertyOptional({ format: 'uuid', description: 'The id of the member or of the proxy token.' })
  @IsOptional()
  @IsId()
  subject_id?: string;

  @ApiPropertyOptional({ enum: SPEND_PERIODS, description: 'For `spend`, by the calendar in UTC.' })
  @IsOptional()
  @IsIn(SPEND_PERIODS)
  period?: SpendPeriod;
}

/** A limit of an organization. */
export class LimitDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: LIMIT_KINDS })
  kind!: LimitKind;

  @ApiProperty({ enum: LIMIT_SCOPES })
  scope!: LimitScope;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  subject_id!: string | null;

  @ApiProperty({ enum: SPEND_PERIODS, nullable: true })
  period!: SpendPeriod | null;

  @ApiProperty({ type: String, nullable: true, example: '25.00' })
  amount_usd!: string | null;

  @ApiProperty({ type: PerMinuteDto, nullable: true })
  per_minute!: PerMinuteDto | null;

  @ApiProperty({ type: [String], nullable: true })
  allow!: string[] | null;

  @ApiProperty({ enum: ESTIMATES })
  estimate!: EstimateKind;

  @ApiProperty()
  count_personal_keys!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  until!: string | null;

  @ApiProperty({ type: String, nullable: true })
  note!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(limit: LimitEntity): LimitDto {
    const { tokensPerMinute: tokens, amountNanoUsd: amount } = limit;
    return {
      id: limit.id,
      kind: limit.kind,
      scope: limit.scope,
      subject_id: limit.subjectId,
      period: limit.period,
      amount_usd: amount === null ? null : centsOf(amount),
      per_minute:
        limit.kind === 'rate'
          ? { requests: limit.requestsPerMinute, tokens: tokens === null ? null : Number(tokens) }
          : null,
      allow: limit.allow,
      estimate: limit.estimate,
      count_personal_keys: limit.countPersonalKeys,
      until: limit.until?.toISOString() ?? null,
      note: limit.note,
      created_at: limit.createdAt.toISOString(),
    };
  }
}

/** A limit that applies to somebody, and how much of it is used. */
export class EffectiveLimitDto extends LimitDto {
  @ApiProperty({ type: String, nullable: true, example: '12.3456789', description: 'Exact. For `spend`.' })
  spent_usd!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '0.42',
    description: 'What open calls may still cost, at most a second old. For `spend`.',
  })
  reserved_usd!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '12.2343211',
    description: 'Null: unlimited. For `spend`.',
  })
  left_usd!: string | null;

  @ApiProperty({
    enum: SPEND_LEVELS,
    nullable: true,
    description: 'The highest of these percentages that is spent; null below. For `spend`.',
  })
  warning_percent!: SpendLevel | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it begins again. For `spend`.',
  })
  resets_at!: string | null;
}

/** A limit that applies to the caller in one of their organizations. */
export class MyLimitDto extends EffectiveLimitDto {
  @ApiProperty({ example: 'acme', description: "The organization's name." })
  org!: string;
}

export class EffectiveQueryDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'The member; yourself by default.' })
  @IsOptional()
  @IsId()
  person?: string;
}
