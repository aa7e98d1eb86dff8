import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { SpanExporter } from '../telemetry/span-exporter';
import { readWhenAsked } from './process-metrics';

/** The metrics of the spans that are sent to a collector. */
@Injectable()
export class TelemetryMetrics {
  constructor(registry: Registry, exporter: SpanExporter) {
    const registers = [registry];
    const { counts } = exporter;
    new Counter({
      name: 'tracevault_otlp_spans_total',
      help: 'Spans of calls for the OpenTelemetry collector, by what became of them.',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        for (const [result, count] of counts) this.inc({ result }, count);
      },
    });
    new Gauge({
      name: 'tracevault_otlp_waiting_spans',
      help: 'Spans that wait for the OpenTelemetry collector, or for its answer.',
      registers,
      collect: readWhenAsked(() => exporter.waiting),
    });
  }
}
