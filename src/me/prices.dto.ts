import { ApiProperty } from '@nestjs/swagger';
import { formatDecimal } from '../metering/decimal';
import { TokenRates } from '../metering/price';
import { PriceInForce } from '../metering/prices.service';
import { factorsOf } from '../metering/served-price';

const FACTORS = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** The rates of the kinds of tokens, in USD for a million. */
export class TokenRatesDto {
  @ApiProperty({ example: '3', description: 'Of uncached input.' })
  input!: string;

  @ApiProperty({ example: '0.3' })
  cache_read!: string;

  @ApiProperty({ example: '3.75' })
  cache_write_5m!: string;

  @ApiProperty({ example: '6' })
  cache_write_1h!: string;

  @ApiProperty({ example: '15', description: 'Of output, thinking included.' })
  output!: string;

  static ofRates(rates: TokenRates): TokenRatesDto {
    return {
      input: formatDecimal(rates.input),
      cache_read: formatDecimal(rates.cache_read),
      cache_write_5m: formatDecimal(rates.cache_write_5m),
      cache_write_1h: formatDecimal(rates.cache_write_1h),
      output: formatDecimal(rates.output),
    };
  }
}

export class LongContextDto extends TokenRatesDto {
  @ApiProperty({ example: 200_000, description: 'The tokens of input above which these rates apply.' })
  above!: number;
}

/** A row of the price table. */
export class PriceDto extends TokenRatesDto {
  @ApiProperty({ example: 'anthropic/claude-sonnet-5', description: 'What calls have as `price_id`.' })
  id!: string;

  @ApiProperty({ example: 'anthropic' })
  provider!: string;

  @ApiProperty({ example: 'claude-sonnet-5' })
  model!: string;

  @ApiProperty({ type: [String], description: 'Other names; a `*` stands for the suffix of a release.' })
  aliases!: readonly string[];

  @ApiProperty({ type: String, format: 'date', nullable: true, description: 'The first day (UTC).' })
  from!: string | null;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'The day (UTC) from which the row no longer applies.',
  })
  until!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '10',
    description: 'For a thousand searches; null if it is not known.',
  })
  web_search!: string | null;

  @ApiProperty({ type: LongContextDto, nullable: true })
  long_context!: LongContextDto | null;

  @ApiProperty({ type: TokenRatesDto, nullable: true, description: 'The rates of a fast mode.' })
  fast!: TokenRatesDto | null;

  @ApiProperty({
    ...FACTORS,
    example: { batch: '0.5' },
    description: 'The factors on tokens by service tier, the vendor’s usual ones included.',
  })
  service_tiers!: Readonly<Record<string, string>>;

  @ApiProperty({ ...FACTORS, example: { us: '1.1' }, description: 'The factors on tokens by region.' })
  regions!: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'Where the price is from.' })
  source!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'When somebody compared the row with its source.',
  })
  checked!: string | null;

  @ApiProperty({ description: 'Whether the row is the operator’s own.' })
  override!: boolean;

  static of({ price, dialect }: PriceInForce): PriceDto {
    const { row, longContext, fast, webSearch } = price;
    const { serviceTiers, regions } = factorsOf(price, dialect);
    return {
      id: row.id,
      provider: row.provider,
      model: row.model,
      aliases: row.aliases ?? [],
      from: row.from ?? null,
      until: row.until ?? null,
      ...TokenRatesDto.ofRates(price.rates),
      web_search: webSearch === undefined ? null : formatDecimal(webSearch),
      long_context:
        longContext === undefined
          ? null
          : { above: longContext.above, ...TokenRatesDto.ofRates(longContext.rates) },
      fast: fast === undefined ? null : TokenRatesDto.ofRates(fast),
      service_tiers: serviceTiers,
      regions,
      source: row.source,
      checked: row.checked ?? null,
      override: price.isOverride,
    };
  }
}

export class PricesDto {
  @ApiProperty({ format: 'date-time', description: 'The moment of the answer.' })
  at!: string;

  @ApiProperty({ enum: ['USD'], description: 'Of all rates: for a million tokens.' })
  currency!: 'USD';

  @ApiProperty({
    ...FACTORS,
    example: { '*': '0.9' },
    description:
      'The factors of the operator’s contracts by provider, on everything that is priced; `*` is for each that has none of its own. They are not in the rates below.',
  })
  multipliers!: Readonly<Record<string, string>>;

  @ApiProperty({ type: [PriceDto] })
  prices!: PriceDto[];
}
