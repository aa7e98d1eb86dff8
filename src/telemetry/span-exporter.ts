import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Logger } from 'pino';
import { BatchedWriter } from '../batching/batched-writer';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { OtlpAnswer, otlpAnswerOf } from './otlp-answer';
import { Span, traceRequest } from './otlp-json';
import { postSpans } from './otlp-request';
import { resourceOf } from './resource';

/** How long the last spans may take to be sent when the server stops. */
const CLOSE_MS = 2_000;

/** What has become of a span: the collector has taken it, has not wanted it, or never got it. */
const RESULTS = ['sent', 'rejected', 'dropped'] as const;
type Result = (typeof RESULTS)[number];

type Otlp = NonNullable<Config['otlp']>;
/** What became of one try: the collector's answer, or why there was none. */
type Tried = OtlpAnswer | { readonly kind: 'unanswered'; readonly err: unknown };

const compress = promisify(gzip);

/**
 * Sends spans to the operator's collector (OTLP over HTTP, in JSON), a batch at a time and behind the calls' back. What waits is
 * bounded: a collector that is away costs spans, which are counted, and nothing else.
 */
@Injectable()
export class SpanExporter implements OnApplicationShutdown {
  /** How many spans have come to each end in this process. */
  readonly counts = new Map<Result, number>(RESULTS.map((result) => [result, 0]));
  private readonly writer: BatchedWriter<Span> | undefined;
  private readonly stopping = new AbortController();
  /** The faults that the log has been told of since the collector last took everything. */
  private readonly told = new Set<string>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { otlp } = config;
    if (otlp === undefined) return;
    const resource = resourceOf(otlp.resource);
    this.writer = new BatchedWriter<Span>({
      write: async (spans) => {
        const json = Buffer.from(JSON.stringify(traceRequest(resource, spans)));
        await this.send(otlp, otlp.isCompressed ? await compress(json) : json, spans.length);
      },
      onFailure: (err, spans) => {
        this.count('dropped', spans);
        this.tell('failed', { err }, 'Spans could not be sent');
      },
      maxItems: otlp.maxSpans,
      batchSize: otlp.batchSize,
      flushMs: otlp.flushMs,
    });
  }

  /** The number of spans that wait for the collector, or for its answer. */
  get waiting(): number {
    return this.writer?.size ?? 0;
  }

  add(span: Span): void {
    if (this.writer === undefined || this.writer.add(span)) return;
    this.count('dropped', 1);
    this.tell('full', {}, 'Too many spans wait for the collector: further ones are dropped');
  }

  /** Runs when the last calls are recorded. */
  async onApplicationShutdown(): Promise<void> {
    const left = (await this.writer?.close(CLOSE_MS)) ?? 0;
    this.stopping.abort();
    if (left === 0) return;
    this.count('dropped', left);
    this.logger.warn({ spans: left }, 'The collector did not take the last spans in time: they are dropped');
  }

  /** Sends a batch, and again later as long as the collector may still take it. */
  private async send(otlp: Otlp, body: Buffer, spans: number): Promise<void> {
    for (const retryMs of [...otlp.retryMs, undefined]) {
      const tried = await this.try(otlp, body);
      if (this.hasStopped()) return; // they are counted where it stops
      if (tried.kind === 'taken') {
        this.taken(spans, Math.min(tried.rejected, spans));
        return;
      }
      if (tried.kind === 'refused') {
        this.count('rejected', spans);
        const { status } = tried;
        this.tell('refused', { status, spans }, 'The collector refused spans: they are not sent again');
        return;
      }
      const why = tried.kind === 'busy' ? { status: tried.status } : { err: tried.err };
      this.tell('busy', why, 'The collector takes no spans: they wait and are sent again');
      if (retryMs === undefined) break;
      await this.wait((tried.kind === 'busy' ? tried.waitMs : undefined) ?? jittered(retryMs));
      if (this.hasStopped()) return;
    }
    this.count('dropped', spans);
    this.tell('given_up', { spans }, 'The collector did not take spans after many tries: they are dropped');
  }

  private async try(otlp: Otlp, body: Buffer): Promise<Tried> {
    try {
      const way = { otlp, upstream: this.config.upstream, stopped: this.stopping.signal };
      return otlpAnswerOf(await postSpans(body, way), Date.now());
    } catch (err) {
      return { kind: 'unanswered', err };
    }
  }

  private taken(spans: number, rejected: number): void {
    this.count('sent', spans - rejected);
    this.count('rejected', rejected);
    if (rejected > 0) {
      this.tell('partial', { spans: rejected }, 'The collector refused a part of the spans');
      return;
    }
    if (this.told.size > 0) this.logger.info('The collector takes spans');
    this.told.clear();
  }

  /** Tells the log of a fault, once until the collector has taken everything again. */
  private tell(fault: string, facts: object, message: string): void {
    if (this.told.has(fault)) return;
    this.told.add(fault);
    this.logger.warn(facts, message);
  }

  private async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }

  private hasStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private count(result: Result, spans: number): void {
    this.counts.set(result, (this.counts.get(result) ?? 0) + spans);
  }
}

/** So that servers whose collector was away do not all come back at one moment. */
function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
