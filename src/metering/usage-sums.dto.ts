import { ApiProperty } from '@nestjs/swagger';

/** The sums of calls. */
export class UsageSumsDto {
  @ApiProperty()
  calls!: number;

  @ApiProperty({ description: 'Uncached input.' })
  input_tokens!: number;

  @ApiProperty()
  cache_read_tokens!: number;

  @ApiProperty()
  cache_write_5m_tokens!: number;

  @ApiProperty()
  cache_write_1h_tokens!: number;

  @ApiProperty({ description: 'Output, thinking included.' })
  output_tokens!: number;

  @ApiProperty({ example: '12.345678901', description: 'Exact. Of the calls whose cost is known.' })
  cost_usd!: string;

  @ApiProperty({ description: 'Calls whose usage is a floor, because they broke off.' })
  estimated_calls!: number;

  @ApiProperty({ description: 'Calls whose usage could not be read.' })
  unreadable_calls!: number;

  @ApiProperty({ description: 'Calls of models without a price.' })
  unpriced_calls!: number;
}
