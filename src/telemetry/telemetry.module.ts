import { Module } from '@nestjs/common';
import { MeteringModule } from '../metering/metering.module';
import { CallSpans } from './call-spans';
import { SpanExporter } from './span-exporter';

/** Spans of calls for the operator's collector: made by an observer that create-app.ts registers. */
@Module({
  imports: [MeteringModule],
  providers: [CallSpans, SpanExporter],
  exports: [SpanExporter],
})
export class TelemetryModule {}
