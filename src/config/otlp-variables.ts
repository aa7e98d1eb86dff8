import { httpUrl, oneOf, Rule, wholeNumber } from './env-rules';
import { anyText, headerPairs, otlpProtocol, textPairs } from './otlp-rules';
import type { Variable } from './variables';

const COMPRESSION = oneOf<'gzip' | 'none'>(['gzip', 'none']);
const TIMEOUT = wholeNumber({ min: 1, max: 600_000, unit: 'milliseconds' });

/** Defines a variable of the OpenTelemetry specification. */
function standard<T>(rule: Rule<T>, byDefault: string, about: string): Variable<T | undefined> {
  return { rule, value: undefined, byDefault, usedBy: ['server'], about };
}

/** Defines the variable for traces alone, which takes the place of the one for all of OpenTelemetry. */
function forTraces<T>(rule: Rule<T>, name: string): Variable<T | undefined> {
  return standard(rule, 'none', `The same for traces, in place of \`${name}\`.`);
}

/**
 * The variables of the OpenTelemetry export: one of the server's own, and those of the OpenTelemetry specification that it reads.
 * The latter may be set for other programs: they are looked at only when spans are sent (otlp.ts).
 */
export const OTLP_VARIABLES = {
  TRACEVAULT_OTLP_ENDPOINT: standard(
    httpUrl({ path: true }),
    'none',
    'The collector that gets a [span for each call](operations.md#opentelemetry), by OTLP over HTTP: its base URL, such as `http://localhost:4318`, to which `/v1/traces` is added. It wins over the next two.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: standard(
    httpUrl({ path: true }),
    'none',
    'The same, as OpenTelemetry has it.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: standard(
    httpUrl({ path: true, query: true }),
    'none',
    'The whole URL for traces, to which nothing is added. It wins over the one before.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: standard(
    headerPairs,
    'none',
    'Headers for the collector, such as `api-key=...`. They are in no log.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: forTraces(headerPairs, 'OTEL_EXPORTER_OTLP_HEADERS'),
  OTEL_EXPORTER_OTLP_TIMEOUT: standard(TIMEOUT, '`10000`', 'How long one request to the collector may take.'),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: forTraces(TIMEOUT, 'OTEL_EXPORTER_OTLP_TIMEOUT'),
  OTEL_EXPORTER_OTLP_COMPRESSION: standard(COMPRESSION, '`none`', 'Whether spans are compressed.'),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: forTraces(COMPRESSION, 'OTEL_EXPORTER_OTLP_COMPRESSION'),
  OTEL_EXPORTER_OTLP_PROTOCOL: standard(
    otlpProtocol,
    '`http/json`',
    'JSON is sent with either: a collector takes both at one URL. `grpc` is a fault.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: forTraces(otlpProtocol, 'OTEL_EXPORTER_OTLP_PROTOCOL'),
  OTEL_SERVICE_NAME: standard(anyText, '`tracevault`', 'What spans call this server (`service.name`).'),
  OTEL_RESOURCE_ATTRIBUTES: standard(
    textPairs,
    'none',
    'What else spans say of this server, such as `deployment.environment.name=production`.',
  ),
  OTEL_TRACES_EXPORTER: standard(
    anyText,
    '`otlp`',
    'Without `otlp` among them, `none` for example, the endpoints of OpenTelemetry’s own variables count as unset.',
  ),
  OTEL_SDK_DISABLED: standard(anyText, '`false`', 'The same with `true`.'),
};
