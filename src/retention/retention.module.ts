import { DynamicModule, Module } from '@nestjs/common';
import { RETENTION, RetentionRow } from './retention';
import { RetentionService } from './retention.service';

/** Removes what is old. The operator's commands do without it: they sweep nothing. */
@Module({})
export class RetentionModule {
  static with(table: readonly RetentionRow[]): DynamicModule {
    return {
      module: RetentionModule,
      providers: [RetentionService, { provide: RETENTION, useValue: table }],
    };
  }
}
