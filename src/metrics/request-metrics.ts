import { Injectable } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Exchange } from '../exchange/exchange';
import { ExchangeObserver, Exchanges } from '../exchange/exchanges';
import { AUTH_FAILURES, Outcome, UPSTREAM_FAILURES } from '../exchange/facts';
import { readWhenAsked } from './process-metrics';

/**
 * The histogram buckets, in seconds. A model responds within seconds or thinks for minutes; the proxy's own work takes
 * milliseconds unless there is a problem.
 */
const WHOLE = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1800];
const UNTIL_HEAD = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
const OVERHEAD = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** The series that start at 0, because alerts detect a first occurrence only as an increase of an existing series. */
const EXPECTED: readonly [Outcome, string][] = [
  ['completed', '2xx'],
  ['upstream_failed', '2xx'],
  ['upstream_failed', '5xx'],
  ['rejected', '4xx'],
  ['rejected', '5xx'],
];

/**
 * The metrics of requests. All values are read from an exchange when it has ended, so that no code runs per chunk. Label values
 * are constants in the source code: their number is bounded, and they identify no user.
 */
@Injectable()
export class RequestMetrics implements ExchangeObserver {
  private readonly requests: Counter<'area' | 'outcome' | 'status_class'>;
  private readonly duration: Histogram<'outcome'>;
  private readonly firstByte: Histogram;
  private readonly upstreamTime: Histogram;
  private readonly overhead: Histogram;
  private readonly received: Counter;
  private readonly sent: Counter;
  private readonly upstreamFailures: Counter<'reason'>;
  private readonly credentials: Counter<'credential'>;
  private readonly authFailures: Counter<'area' | 'reason'>;

  constructor(registry: Registry, exchanges: Exchanges) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'tracevault_requests_total',
      help: 'Requests that are over, by how they ended. status_class is none when the client left before any answer.',
      labelNames: ['area', 'outcome', 'status_class'],
      registers,
    });
    this.duration = new Histogram({
      name: 'tracevault_proxy_request_duration_seconds',
      help: 'From the head of a proxy request until its response was closed.',
      labelNames: ['outcome'],
      buckets: WHOLE,
      registers,
    });
    this.firstByte = new Histogram({
      name: 'tracevault_proxy_time_to_first_byte_seconds',
      help: 'From the head of a proxy request to the head of its response, of requests that the upstream answered.',
      buckets: UNTIL_HEAD,
      registers,
    });
    this.upstreamTime = new Histogram({
      name: 'tracevault_proxy_upstream_seconds',
      help: 'The part of the time to the first byte that was the upstream: connecting, the upload, and waiting for its head.',
      buckets: UNTIL_HEAD,
      registers,
    });
    this.overhead = new Histogram({
      name: 'tracevault_proxy_overhead_seconds',
      help: 'The rest of the time to the first byte, which is our own: token, key, headers, and passing the head on.',
      buckets: OVERHEAD,
      registers,
    });
    this.received = new Counter({
      name: 'tracevault_proxy_received_bytes_total',
      help: 'Request bodies, as far as they were sent on to the upstream.',
      registers,
    });
    this.sent = new Counter({
      name: 'tracevault_proxy_sent_bytes_total',
      help: 'Response bodies, counted when the response is closed.',
      registers,
    });
    this.upstreamFailures = new Counter({
      name: 'tracevault_upstream_failures_total',
      help: 'Proxy requests that the upstream failed: not connected (connect_...), no answer, or an answer that broke off.',
      labelNames: ['reason'],
      registers,
    });
    this.credentials = new Counter({
      name: 'tracevault_proxy_credentials_total',
      help: 'Proxy requests that were let in, by what they showed: a session, or a proxy token.',
      labelNames: ['credential'],
      registers,
    });
    this.authFailures = new Counter({
      name: 'tracevault_auth_failures_total',
      help: 'Requests that were not let in. The token of a session that is over counts as unknown.',
      labelNames: ['area', 'reason'],
      registers,
    });
    new Gauge({
      name: 'tracevault_proxy_open_requests',
      help: 'Proxy requests that are open now, streams included.',
      registers,
      collect: readWhenAsked(() => exchanges.count('proxy')),
    });
    new Gauge({
      name: 'tracevault_observer_failures',
      help: 'Errors since the start in what only observes requests, of which no request takes notice. The log has the first.',
      registers,
      collect: readWhenAsked(() => exchanges.failures),
    });
    for (const [outcome, status_class] of EXPECTED)
      this.requests.inc({ area: 'proxy', outcome, status_class }, 0);
    for (const credential of ['session', 'proxy_token']) this.credentials.inc({ credential }, 0);
    for (const reason of UPSTREAM_FAILURES) this.upstreamFailures.inc({ reason }, 0);
    for (const area of ['proxy', 'api'])
      for (const reason of AUTH_FAILURES) this.authFailures.inc({ area, reason }, 0);
  }

  onEnd(exchange: Exchange): void {
    const { area, response, authFailure } = exchange;
    const outcome = exchange.outcome ?? 'completed';
    this.requests.inc({ area, outcome, status_class: statusClass(response) });
    if (authFailure !== undefined) this.authFailures.inc({ area, reason: authFailure });
    if (area !== 'proxy') return;
    if (exchange.caller !== undefined)
      this.credentials.inc({ credential: exchange.proxyTokenId === undefined ? 'session' : 'proxy_token' });
    this.duration.observe({ outcome }, ((exchange.endedAt ?? 0) - exchange.startedAt) / 1000);
    this.received.inc(exchange.requestBytes);
    this.sent.inc(exchange.responseBytes);
    if (outcome === 'upstream_failed')
      this.upstreamFailures.inc({ reason: exchange.lastAttempt?.failure ?? 'broken_off' });
    this.observeHead(exchange);
  }

  private observeHead({ startedAt, responseHeadAt, attempts, lastAttempt }: Exchange): void {
    const sentAt = attempts[0]?.sentAt; // a retry after a stale connection counts as upstream time
    const headAt = lastAttempt?.headAt;
    if (responseHeadAt === undefined || sentAt === undefined || headAt === undefined) return;
    this.firstByte.observe((responseHeadAt - startedAt) / 1000);
    this.upstreamTime.observe((headAt - sentAt) / 1000);
    this.overhead.observe((responseHeadAt - headAt + (sentAt - startedAt)) / 1000);
  }
}

/** Returns the class of a response's status; `other` from 600 on, since an upstream may send any number from 100 to 999. */
function statusClass({ headersSent, statusCode }: ServerResponse): string {
  if (!headersSent) return 'none';
  return statusCode < 600 ? `${Math.floor(statusCode / 100)}xx` : 'other';
}
