import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Config } from '../config/config';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver } from '../exchange/exchanges';
import { CallRow } from '../metering/call-row';
import { LedgerObserver } from '../metering/ledger-observer';
import { LedgerService } from '../metering/ledger.service';
import { callSpan, sessionTraceId, SpanPlace } from './call-span';
import { recordedCall } from './recorded-call';
import { SpanExporter } from './span-exporter';
import { TraceContext, traceContextOf } from './trace-context';

/** The bits of a span's flags which say that its parent is known to be on another machine. */
const HAS_REMOTE_PARENT = 0x300;

/** Makes a span of each call that the ledger records, in the trace that its client has named, if it has. */
@Injectable()
export class CallSpans implements ExchangeObserver, LedgerObserver {
  /** What the clients of open calls have named, by the ids of their exchanges. */
  private readonly contexts = new Map<string, TraceContext>();

  constructor(
    private readonly exporter: SpanExporter,
    @Inject(CONFIG) { otlp }: Config,
    ledger: LedgerService,
  ) {
    if (otlp !== undefined) ledger.observe(this);
  }

  onForward({ id, request }: Exchange): undefined {
    const context = traceContextOf(request.headers.traceparent);
    if (context !== undefined) this.contexts.set(id, context);
  }

  recorded(row: CallRow): void {
    // A result of a batch took no time of its own, and comes again with each download: the ledger alone counts it once.
    if (row.endpoint === 'batches.result') return;
    this.exporter.add(callSpan(recordedCall(row), this.placeOf(row)));
  }

  settled(exchangeId: string): void {
    this.contexts.delete(exchangeId);
  }

  /** The client's `sampled` flag is passed on and not obeyed: each call has its span, so that their costs add up. */
  private placeOf({ id, user_id, org_id, agent_session_id }: CallRow): SpanPlace {
    const context = this.contexts.get(id);
    if (context !== undefined) {
      const { traceId, parentId, flags } = context;
      return { traceId, parentSpanId: parentId, flags: HAS_REMOTE_PARENT | flags };
    }
    if (agent_session_id === null) return { traceId: randomBytes(16).toString('hex') };
    return { traceId: sessionTraceId(user_id, org_id, agent_session_id) };
  }
}
