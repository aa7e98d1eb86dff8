import { Module } from '@nestjs/common';
import { PricesService } from './prices.service';
import { RepricingService } from './repricing.service';
import { UsageService } from './usage.service';

/** What the operator's commands do with the ledger; nothing that meters or listens. */
@Module({
  providers: [PricesService, RepricingService, UsageService],
  exports: [RepricingService, UsageService],
})
export class RepricingModule {}
