import { createSecretKey } from 'node:crypto';
import { withoutTrailingSlash } from './base-url';
import { Config } from './config';
import { Environment } from './variables';

const TIMEOUT_MS = 10_000;
const MAX_SPANS = 2_048;
const BATCH_SIZE = 512;
const FLUSH_MS = 5_000;
/** About five minutes in all. */
const RETRY_MS = [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30, 30].map((seconds) => seconds * 1_000);

/** What the names of OpenTelemetry's variables begin with, and of those for all signals and for traces alone. */
const OTEL = 'OTEL_';
const [FOR_ALL, FOR_TRACES] = ['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'];

/**
 * Removes the variables of OpenTelemetry that have no effect, so that no fault is found in what is set for other programs: all of
 * them when no spans are sent, and those that another one takes the place of.
 */
export function withoutUnusedOtlp(texts: ReadonlyMap<string, string>): Map<string, string> {
  const hasOwn = texts.has('TRACEVAULT_OTLP_ENDPOINT');
  const endpoints = [`${FOR_ALL}ENDPOINT`, `${FOR_TRACES}ENDPOINT`];
  const isUsed = hasOwn || (!isTurnedOff(texts) && endpoints.some((name) => texts.has(name)));
  const isUnused = (name: string): boolean =>
    !isUsed ||
    (hasOwn && endpoints.includes(name)) ||
    (name.startsWith(FOR_ALL) && texts.has(FOR_TRACES + name.slice(FOR_ALL.length)));
  return new Map([...texts].filter(([name]) => !name.startsWith(OTEL) || !isUnused(name)));
}

/** Whether OpenTelemetry's own variables say that no traces are to be sent by OTLP. */
function isTurnedOff(texts: ReadonlyMap<string, string>): boolean {
  const exporters = texts.get('OTEL_TRACES_EXPORTER')?.split(',') ?? ['otlp'];
  return (
    texts.get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ||
    !exporters.some((exporter) => exporter.trim() === 'otlp')
  );
}

/** Returns where and how spans are sent, by the variables that withoutUnusedOtlp() has left. */
export function otlpOf(env: Environment): Config['otlp'] {
  const base = env.TRACEVAULT_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const ofBase = base === undefined ? undefined : `${withoutTrailingSlash(base)}/v1/traces`;
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? ofBase;
  if (url === undefined) return undefined;
  const headers = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS ?? {};
  const compression = env.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? env.OTEL_EXPORTER_OTLP_COMPRESSION;
  return {
    url,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, createSecretKey(value, 'latin1')]),
    ),
    timeoutMs: env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? env.OTEL_EXPORTER_OTLP_TIMEOUT ?? TIMEOUT_MS,
    isCompressed: compression === 'gzip',
    resource: {
      ...env.OTEL_RESOURCE_ATTRIBUTES,
      ...(env.OTEL_SERVICE_NAME !== undefined && { 'service.name': env.OTEL_SERVICE_NAME }),
    },
    maxSpans: MAX_SPANS,
    batchSize: BATCH_SIZE,
    flushMs: FLUSH_MS,
    retryMs: RETRY_MS,
  };
}
