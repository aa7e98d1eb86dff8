import { DynamicModule, Module } from '@nestjs/common';
import { Logger } from 'pino';
import { AccountsModule } from './accounts/accounts.module';
import { AuditModule } from './audit/audit.module';
import { AuthModule } from './auth/auth.module';
import { Config } from './config/config';
import { ConfigModule } from './config/config.module';
import { CredentialsModule } from './credentials/credentials.module';
import { DatabaseModule } from './database/database.module';
import { LoggingModule } from './logging/logging.module';
import { RepricingModule } from './metering/repricing.module';
import { UsageService } from './metering/usage.service';
import { OrgsModule } from './orgs/orgs.module';
import { SealedStretches } from './seals/sealed-stretches';
import { SealVerificationService } from './seals/seal-verification.service';
import { SealsService } from './seals/seals.service';
import { TransferModule } from './transfer/transfer.module';

/** The root module of the operator's commands: the server's database, users and keys, and nothing that listens. */
@Module({})
export class OperatorModule {
  static with(config: Config, logger: Logger): DynamicModule {
    return {
      module: OperatorModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(logger),
        DatabaseModule.with(config),
        AuditModule,
        AuthModule,
        OrgsModule,
        AccountsModule,
        CredentialsModule,
        RepricingModule,
        TransferModule,
      ],
      // Without MeteringModule, which takes in the spool and drops old months, and SealsModule, which seals.
      providers: [UsageService, SealedStretches, SealsService, SealVerificationService],
    };
  }
}
