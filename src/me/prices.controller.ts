import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PricesService } from '../metering/prices.service';
import { PriceDto, PricesDto } from './prices.dto';

/** The prices that calls are priced with. */
@ApiTags('usage')
@ApiBearerAuth()
@Controller('api/v1/prices')
export class PricesController {
  constructor(private readonly prices: PricesService) {}

  @Get()
  @ApiOperation({
    summary: 'The prices in force',
    description:
      'The price table of this server at this moment, the operator’s own rows included. A call is priced at the prices of its time, so one that was made earlier may have others.',
  })
  @ApiOkResponse({ type: PricesDto })
  list(): PricesDto {
    const now = new Date();
    const { multipliers, prices } = this.prices.inForce(now);
    return {
      at: now.toISOString(),
      currency: 'USD',
      multipliers,
      prices: prices.map((price) => PriceDto.of(price)),
    };
  }
}
