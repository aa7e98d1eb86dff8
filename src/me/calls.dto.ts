import { ApiProperty } from '@nestjs/swagger';
import { NextCursor } from '../api/page-query';
import { AppliedPrice, appliedPrice } from '../metering/applied-price';
import { CallDto } from '../metering/call.dto';
import { CallEntity, StoredCostLine } from '../metering/call.entity';
import { COST_CATEGORIES, CostCategory } from '../metering/cost';
import { usdOf } from '../metering/decimal';

/** One line of a call's cost; the lines add up to it exactly. */
export class CostLineDto {
  @ApiProperty({ enum: COST_CATEGORIES })
  category!: CostCategory;

  @ApiProperty({ type: String, nullable: true })
  model!: string | null;

  @ApiProperty({ description: 'Tokens, or searches.' })
  quantity!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'For a million tokens, or a thousand searches; null if the provider said the cost.',
  })
  usd_per_unit!: string | null;

  @ApiProperty({ example: '1' })
  multiplier!: string;

  @ApiProperty({ example: '0.0123' })
  cost_usd!: string;

  static of([category, model, quantity, usd_per_unit, multiplier, nanoUsd]: StoredCostLine): CostLineDto {
    return {
      category: category as CostCategory,
      model,
      quantity,
      usd_per_unit,
      multiplier,
      cost_usd: usdOf(BigInt(nanoUsd)),
    };
  }
}

/** The row of the price table that a call was priced with, as it was then. */
export class AppliedPriceDto {
  @ApiProperty({ example: 'anthropic/claude-sonnet-5' })
  id!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'The first day (UTC) on which it applied; null: it always has, or `source` is null as well.',
  })
  from!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Where the price is from; null if that is not known any more: an operator’s own row of a version that did not keep it.',
  })
  source!: string | null;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'When somebody compared the row with its source.',
  })
  checked!: string | null;

  @ApiProperty({ description: 'Whether the row is the operator’s own.' })
  override!: boolean;

  static ofPrice({ isOverride, ...row }: AppliedPrice): AppliedPriceDto {
    return { ...row, override: isOverride };
  }
}

export class CallDetailsDto extends CallDto {
  @ApiProperty({ type: [CostLineDto], description: 'Empty if the cost is not known.' })
  cost!: CostLineDto[];

  @ApiProperty({
    type: AppliedPriceDto,
    nullable: true,
    description: 'Of the model that answered. Null if the cost is not known, or the provider said it.',
  })
  price!: AppliedPriceDto | null;

  static override of(call: CallEntity): CallDetailsDto {
    const price = appliedPrice(call);
    return {
      ...CallDto.of(call),
      cost: (call.costLines ?? []).map((line) => CostLineDto.of(line)),
      price: price === undefined ? null : AppliedPriceDto.ofPrice(price),
    };
  }
}

export class CallsDto {
  @ApiProperty({ type: [CallDto] })
  calls!: CallDto[];

  @NextCursor()
  next_cursor!: string | null;
}
