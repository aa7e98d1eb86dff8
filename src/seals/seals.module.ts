import { Module } from '@nestjs/common';
import { CredentialsModule } from '../credentials/credentials.module';
import { OrgsModule } from '../orgs/orgs.module';
import { OrgSealsController } from './org-seals.controller';
import { SealKeysController } from './seal-keys.controller';
import { SealedStretches } from './sealed-stretches';
import { SealingService } from './sealing.service';
import { SealsService } from './seals.service';

/** Seals what was recorded, so that nobody changes it unnoticed. */
@Module({
  imports: [CredentialsModule, OrgsModule],
  controllers: [SealKeysController, OrgSealsController],
  providers: [SealedStretches, SealingService, SealsService],
  exports: [SealsService, SealingService],
})
export class SealsModule {}
