import { ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../src/config/config';
import { SpanExporter } from '../src/telemetry/span-exporter';
import { Person, TestApp } from './support/app';
import { sse } from './support/metered';
import { Scrape } from './support/metrics';
import { OtlpReceiver } from './support/otlp-receiver';
import { freePort } from './support/process';
import { tracesOf } from './support/traces';
import { tunnelling } from './support/tunnel';

const MODEL = 'claude-haiku-4-5';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

const STREAM = sse([
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: MODEL, content: [] },
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'CANARYanswer' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
]);

describe('the OpenTelemetry export', () => {
  let receiver: OtlpReceiver;
  let metricsPort: number;
  let app: TestApp;
  let person: Person;
  const closing: (() => unknown)[] = [];

  /** Starts a server that sends spans to the receiver. */
  const start = async (env: NodeJS.ProcessEnv = {}, otlp: Partial<NonNullable<Config['otlp']>> = {}) => {
    const started = await TestApp.start({
      env: { TRACEVAULT_OTLP_ENDPOINT: receiver.url, ...env },
      adjust: (config) => ({
        ...config,
        ledgerFlushMs: 20,
        otlp: { ...config.otlp!, flushMs: 20, retryMs: [20, 20], ...otlp },
      }),
    });
    started.upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM));
    });
    return started;
  };

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    metricsPort = await freePort();
    app = await start({
      TRACEVAULT_METRICS_PORT: String(metricsPort),
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20CANARYheader,x-team=a',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    person = await app.signUp();
  });
  afterAll(async () => {
    await app.close();
    receiver.close();
  });
  beforeEach(async () => {
    while (app.app.get(SpanExporter, { strict: false }).waiting > 0) await sleep(10);
    receiver.received.length = 0;
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const call = async (
    headers: Record<string, string> = {},
    at = app,
    { token } = person,
  ): Promise<number> => {
    const messages = [{ role: 'user', content: 'CANARYprompt' }];
    const body = JSON.stringify({ model: MODEL, max_tokens: 10, stream: true, messages });
    const init = { method: 'POST', headers: { 'x-api-key': token, ...headers }, body };
    const response = await fetch(`${at.proxyUrl}/v1/messages`, init);
    await response.text();
    return response.status;
  };
  /** Makes a call, and waits until its span has come in `tries` times. */
  const sentCall = async (tries = 1): Promise<void> => {
    const before = receiver.received.length;
    await call();
    await receiver.requests(before + tries);
  };
  const results = async (): Promise<number[]> => {
    const scrape = await Scrape.from(metricsPort);
    return ['sent', 'rejected', 'dropped'].map((result) =>
      scrape.sum('tracevault_otlp_spans_total', { result }),
    );
  };
  /** Waits until as many more spans were sent, rejected and dropped as before. */
  const counted = async (before: readonly number[], more: readonly number[]): Promise<void> => {
    const expected = before.map((count, index) => count + more[index]!);
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    while (sum(await results()) < sum(expected)) await sleep(10);
    expect(await results()).toEqual(expected);
  };
  const timesLogged = (text: string, { log } = app): number => log.split(text).length - 1;

  it('has one span for a streamed call, with what the ledger has of it and without a word of what was said', async () => {
    await call({ 'x-claude-code-session-id': 'session-1', 'x-claude-code-agent-id': 'agent-1' });
    const [request] = await receiver.requests(1);
    const [row] = await app.calls(person);
    const { traceId, spanId, attributes, ...span } = request!.spans[0]!;
    const began = row!.at.getTime();
    expect(request!.spans).toHaveLength(1);
    expect([traceId, spanId]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(span).toEqual({
      name: `chat ${MODEL}`,
      kind: 3,
      startTimeUnixNano: `${began}000000`,
      endTimeUnixNano: `${began + row!.ms}000000`,
      ...{ events: [], links: [] },
    });
    expect(Number(row!.costNanoUsd)).toBeGreaterThan(0);
    expect(attributes).toEqual({
      'gen_ai.operation.name': { stringValue: 'chat' },
      'gen_ai.provider.name': { stringValue: 'anthropic' },
      'gen_ai.conversation.id': { stringValue: 'session-1' },
      'gen_ai.agent.id': { stringValue: 'agent-1' },
      'gen_ai.request.model': { stringValue: MODEL },
      'gen_ai.response.model': { stringValue: MODEL },
      'gen_ai.response.id': { stringValue: 'msg_1' },
      'gen_ai.response.finish_reasons': { arrayValue: { values: [{ stringValue: 'end_turn' }] } },
      'gen_ai.usage.input_tokens': { intValue: '130' },
      'gen_ai.usage.cache_read.input_tokens': { intValue: '100' },
      'gen_ai.usage.cache_creation.input_tokens': { intValue: '20' },
      'gen_ai.usage.output_tokens': { intValue: '3' },
      'http.response.status_code': { intValue: '200' },
      'user.id': { stringValue: person.userId },
      'tracevault.org.id': { stringValue: row!.orgId },
      'tracevault.call.id': { stringValue: row!.id },
      'tracevault.usage.state': { stringValue: 'measured' },
      'tracevault.cost.usd': { doubleValue: Number(row!.costNanoUsd) / 1e9 },
    });
    expect(request!.resource).toEqual({
      'service.name': { stringValue: 'tracevault' },
      'service.version': { stringValue: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      'service.instance.id': { stringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      'deployment.environment.name': { stringValue: 'test' },
    });
    const sent = JSON.stringify(request);
    for (const secret of ['CANARYprompt', 'CANARYanswer', person.token, person.email, person.apiKey])
      expect(sent).not.toContain(secret);
  });

  it('is sent by OTLP over HTTP, with the operator’s headers and compressed', async () => {
    await sentCall();
    const { method, url, headers } = receiver.received[0]!;
    expect([method, url]).toEqual(['POST', '/v1/traces']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      authorization: 'Basic CANARYheader',
      'x-team': 'a',
    });
  });

  it('puts a call into the trace that its client names, of which the provider hears as little as before', async () => {
    const names = [`00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-XX`];
    for (const traceparent of names) {
      await call({ traceparent });
      expect(app.upstream.last.headers).not.toHaveProperty('traceparent');
    }
    while (receiver.spans.length < names.length) await sleep(10);
    const [named, other] = receiver.spans;
    expect(named).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, flags: 0x300 });
    expect(other!.traceId).not.toBe(TRACE);
    expect(other).not.toHaveProperty('parentSpanId');
    expect(other).not.toHaveProperty('flags');
  });

  it('puts the calls of a session into one trace, which is that of its download, and others into one each', async () => {
    const other = await app.signUp();
    const session = { 'x-claude-code-session-id': 'session-2' };
    for (const headers of [session, session, {}, {}]) await call(headers, app, other);
    while (receiver.spans.length < 4) await sleep(10);
    const [first, second, third, fourth] = receiver.spans.map(({ traceId }) => traceId);
    expect(second).toBe(first);
    expect(new Set([first, third, fourth]).size).toBe(3);
    const trace = (await tracesOf(app, other, 4)).at(-1); // the one that began first
    const download = await app.api('GET', `me/traces/${trace!.id}/export?format=otlp`, other);
    const text = await download.text();
    expect(text).toContain(`"traceId":"${first}"`);
    for (const { spanId } of receiver.spans.slice(0, 2)) expect(text).toContain(`"spanId":"${spanId}"`);
  });

  it('marks a call that failed, and has none for one that never reached its provider', async () => {
    expect(await call({ 'x-api-key': 'tvp_nobody' })).toBe(401);
    app.upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(529).end('{}'));
    });
    expect(await call()).toBe(529);
    app.upstream.answerWith((_, response) => void response.destroy());
    expect(await call()).toBe(502);
    app.upstream.answerWith((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM));
    });
    while (receiver.spans.length < 2) await sleep(10);
    expect(receiver.spans.map(({ status, attributes }) => [status, attributes['error.type']])).toEqual([
      [{ code: 2 }, { stringValue: '529' }],
      [{ code: 2 }, { stringValue: 'upstream_failed' }],
    ]);
  });

  it('is sent again, the same, when the collector is busy or breaks off', async () => {
    const before = await results();
    receiver.behaviours.push(
      (response) => response.writeHead(503).end(),
      (response) => response.socket?.resetAndDestroy(),
    );
    await sentCall(3);
    const [first, second, third] = receiver.received;
    expect([second!.spans, third!.spans]).toEqual([first!.spans, first!.spans]);
    await counted(before, [1, 0, 0]);
    expect(app.log).toContain('The collector takes no spans: they wait and are sent again');
    expect(app.log).toContain('The collector takes spans');
  });

  it('is dropped after the last try, and said once', async () => {
    const before = await results();
    const logged = timesLogged('after many tries');
    for (let failures = 0; failures < 6; failures++)
      receiver.behaviours.push((response) => response.writeHead(502).end());
    await sentCall(3);
    await sentCall(3);
    await counted(before, [0, 0, 2]);
    expect(timesLogged('after many tries')).toBe(logged + 1);
  });

  it('waits as long as the collector asks, and not as long as it would', async () => {
    const patient = await start({}, { retryMs: [3_600_000] });
    closing.push(() => patient.close());
    const other = await patient.signUp();
    receiver.behaviours.push((response) => response.writeHead(429, { 'retry-after': '0' }).end());
    await call({}, patient, other);
    const [first, second] = await receiver.requests(2);
    expect(second!.spans).toEqual(first!.spans);
  });

  it('is not sent again when it is refused, nor to where a redirect points; the log is told once', async () => {
    const before = await results();
    const logged = timesLogged('The collector refused spans');
    receiver.behaviours.push(
      (response) => response.writeHead(400).end('{"message":"CANARYmessage"}'),
      (response) => response.writeHead(307, { location: app.url }).end(),
    );
    await sentCall();
    await counted(before, [0, 1, 0]);
    await sentCall();
    await counted(before, [0, 2, 0]);
    expect(timesLogged('The collector refused spans')).toBe(logged + 1);
    await sentCall();
    await counted(before, [1, 2, 0]);
    expect(receiver.received).toHaveLength(3);
  });

  it('counts what a collector leaves out of what it takes', async () => {
    const before = await results();
    receiver.behaviours.push((response) =>
      response.writeHead(200).end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"CANARYmessage"}}'),
    );
    await sentCall();
    await counted(before, [0, 1, 0]);
    expect(app.log).toContain('The collector refused a part of the spans');
  });

  it('has no secret in the log, whatever the collector said before', () => {
    expect(app.log).toContain('The collector');
    expect(app.log).not.toContain('CANARY');
  });

  it('comes in batches, and the last one when the server stops', async () => {
    const slow = await start({}, { batchSize: 3, flushMs: 3_600_000 });
    const other = await slow.signUp();
    for (let made = 0; made < 4; made++) await call({}, slow, other);
    await receiver.requests(1);
    await slow.close();
    expect(receiver.received.map(({ spans }) => spans.length)).toEqual([3, 1]);
  });

  it('is bounded: a collector that is silent costs spans, and no call and no stop waits for it', async () => {
    const held: ServerResponse[] = [];
    receiver.behaviours.push((response) => held.push(response));
    const bounded = await start({}, { maxSpans: 5, batchSize: 1 });
    const other = await bounded.signUp();
    await call({}, bounded, other);
    await receiver.requests(1);
    for (let made = 0; made < 7; made++) expect(await call({}, bounded, other)).toBe(200);
    await bounded.calls(other, 8);
    const exporter = bounded.app.get(SpanExporter, { strict: false });
    expect([exporter.waiting, exporter.counts.get('dropped')]).toEqual([5, 3]);
    expect(timesLogged('Too many spans wait for the collector', bounded)).toBe(1);
    await bounded.close();
    expect(exporter.counts.get('dropped')).toBe(8);
    expect(bounded.log).toContain('The collector did not take the last spans in time');
    expect(held.map(({ writableEnded }) => writableEnded)).toEqual([false]);
    expect(receiver.received).toHaveLength(1);
  });

  it('goes through the outbound proxy, unless the collector is on this machine', async () => {
    const tunnels: string[] = [];
    const tunnel = tunnelling({ onTunnel: ({ url = '' }) => tunnels.push(url) });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const { port } = tunnel.address() as AddressInfo;
    closing.push(
      () => tunnel.close(),
      () => tunnel.closeAllConnections(),
    );
    // 0.0.0.0 is this machine by an address that does not say so.
    for (const host of ['0.0.0.0', '127.0.0.1']) {
      const behind = await start({
        TRACEVAULT_OUTBOUND_PROXY: `http://127.0.0.1:${port}`,
        TRACEVAULT_OTLP_ENDPOINT: `http://${host}:${receiver.port}`,
      });
      closing.push(() => behind.close());
      await call({}, behind, await behind.signUp());
    }
    await receiver.requests(2);
    expect(tunnels.filter((target) => target.endsWith(`:${receiver.port}`))).toEqual([
      `0.0.0.0:${receiver.port}`,
    ]);
  });
});
