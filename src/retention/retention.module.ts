import { DynamicModule, Module } from '@nestjs/common';
import { RETENTION, RetentionRow } from './retention';
import { RetentionService } from './retention.service';

/** Deletes rows past their retention. The operator's commands don't import it, so that they never delete rows. */
@Module({})
export class RetentionModule {
  static with(table: readonly RetentionRow[]): DynamicModule {
    return {
      module: RetentionModule,
      providers: [RetentionService, { provide: RETENTION, useValue: table }],
    };
  }
}
