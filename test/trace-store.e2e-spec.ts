import { existsSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContentDeletionService } from '../src/capture/content-deletion.service';
import { ContentWriter } from '../src/capture/content-writer';
import { BucketConfig } from '../src/config/config';
import { Person, TestApp } from './support/app';
import { copyDatabase, emptyDirectory, freshDatabase } from './support/database';
import { FakeS3, S3_CREDENTIALS, slowDown } from './support/fake-s3';
import { Scrape } from './support/metrics';
import { operate } from './support/operator';
import { freePort } from './support/process';
import { contentWritten, keepContent, keptRequests, tracesOf } from './support/traces';
import { tunnelling } from './support/tunnel';

const CANARY = 'the quick canary 5d1c0e jumps';
/** Short, so that a store that is away is soon given up; long enough for a machine that stands still for a moment. */
const TIMES: Partial<BucketConfig> = {
  ...{ quietMs: 1_500, readMs: 1_500, writeMs: 1_500, restMs: 100 },
  retryMs: { first: 10, max: 50 },
};

interface Started {
  readonly env?: NodeJS.ProcessEnv;
  readonly times?: Partial<BucketConfig>;
  /** How much may wait in memory, in bytes. */
  readonly maxWaitingBytes?: number;
}

describe('the store of what agents say, as a bucket', () => {
  let bucket: FakeS3;
  const closing: (() => unknown)[] = [];

  beforeEach(async () => {
    bucket = await FakeS3.start();
    closing.push(() => bucket.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Starts a server that keeps what is said in the bucket, and waits for what it says of that. */
  async function start({ env, times, maxWaitingBytes }: Started = {}): Promise<TestApp> {
    const app = await TestApp.start({
      env: { ...bucket.env, ...env },
      adjust: (config) => {
        const { bucket: place } = config.traces;
        return {
          ...config,
          traces: {
            ...config.traces,
            ...(maxWaitingBytes !== undefined && { maxWaitingBytes, spool: { directory: '', maxBytes: 0 } }),
            bucket: place && { ...place, ...TIMES, ...times },
          },
        };
      },
    });
    closing.push(() => app.close());
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end(`{"type":"message","text":"${CANARY}"}`));
    });
    await logged(app, 'The trace store ');
    return app;
  }
  async function logged(app: TestApp, text: string): Promise<void> {
    for (let waited = 0; !app.log.includes(text); waited += 10) {
      if (waited > 20_000) throw new Error(`Never logged: ${text}`);
      await sleep(10);
    }
  }
  /** Signs up somebody who wants kept what their agents say. */
  async function somebody(app: TestApp): Promise<Person> {
    const person = await app.signUp();
    await keepContent(app, person);
    return person;
  }
  /** Sends a call, whose answer comes whole. */
  async function send(app: TestApp, { token }: Person, body: string, session = 's'): Promise<void> {
    const headers = { 'x-api-key': token, 'x-session-id': session, 'user-agent': 'agent/1' };
    const response = await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(CANARY)]);
  }
  const bodyOf = (...texts: string[]): string =>
    JSON.stringify({ messages: texts.map((text) => ({ role: 'user', content: text.repeat(20) })) });
  /** Sends a call, and waits until what is kept of it is written. @returns the body of its request. */
  async function call(app: TestApp, person: Person, text = CANARY, session?: string): Promise<string> {
    const body = bodyOf(text);
    await send(app, person, body, session);
    await contentWritten(app);
    return body;
  }
  async function deleteTrace(app: TestApp, person: Person, count: number): Promise<void> {
    const [trace] = await tracesOf(app, person, count);
    const response = await app.api('DELETE', `me/traces/${trace!.id}`, { token: person.token });
    expect(response.status).toBe(204);
  }
  const sweep = (app: TestApp) => app.app.get(ContentDeletionService, { strict: false }).sweepNow();
  const deletes = () => bucket.requests.filter((request) => request.startsWith('DELETE ')).length;

  it('is one for several servers: each reads what another one has written, and none has a directory for it', async () => {
    const database = await freshDatabase();
    const one = await start({ env: database });
    const person = await somebody(one);
    const first = await call(one, person, 'said at one');
    await contentWritten(one);
    const isShared = database.DATABASE_URL !== undefined;
    if (!isShared) await (closing.pop()!() as Promise<void>); // the embedded database belongs to one process
    const elsewhere = isShared
      ? { ...database, TRACEVAULT_DATA_DIR: await emptyDirectory() }
      : await copyDatabase(database);
    const other = await start({ env: elsewhere });
    const second = await call(other, person, 'said at the other');
    expect(await keptRequests(other, person, 2)).toEqual([first, second]);
    if (isShared) expect(await keptRequests(one, person, 2)).toEqual([first, second]);
    for (const { TRACEVAULT_DATA_DIR } of [database, elsewhere])
      expect(existsSync(join(TRACEVAULT_DATA_DIR!, 'traces'))).toBe(false);
  });

  it('is tried at the start, and nothing of that stays in it', async () => {
    const app = await start();
    expect(app.log).toContain('The trace store works');
    const methods = bucket.requests.map((request) => request.split(' ')[0]);
    expect(methods).toEqual(['GET', 'PUT', 'GET', 'GET', 'DELETE']);
    expect(bucket.objects.size).toBe(0);
  });

  it('holds nothing that can be read, under names that say nothing; and no secret is in the log', async () => {
    const app = await start();
    const person = await somebody(app);
    await call(app, person);
    expect(bucket.objects.size).toBe(1);
    for (const [key, bytes] of bucket.objects) {
      expect(key).toMatch(/^vault\/traces\/[0-9a-f-]{36}\/[0-9a-f-]{36}$/);
      expect(bytes.includes('canary')).toBe(false);
    }
    expect(app.log).not.toContain('canary');
    expect(app.log).not.toContain('CANARY');
  });

  it('is asked again while it is busy, and nothing is lost by that', async () => {
    const app = await start();
    const person = await somebody(app);
    bucket.behaviours.push(slowDown, (response) => response.destroy(), slowDown);
    const body = await call(app, person);
    bucket.behaviours.push(slowDown, (response) => {
      response.writeHead(206, { 'content-length': '99' }).write('a part', () => response.destroy());
    });
    bucket.behaviours.push(slowDown);
    expect(await keptRequests(app, person, 1)).toEqual([body]);
  });

  it('may be away: streams are whole, what is said meanwhile is dropped and counted, and reading says so', async () => {
    const metricsPort = await freePort();
    const app = await start({ env: { TRACEVAULT_METRICS_PORT: String(metricsPort) } });
    const person = await somebody(app);
    const before = await call(app, person, 'before');
    bucket.away(true);
    expect(await keptRequests(app, person, 1)).toEqual([[503, 'content_unavailable']]);
    await call(app, person, 'meanwhile');
    const [trace] = await tracesOf(app, person, 2);
    const { token } = person;
    for (const path of [`calls/${trace!.calls[0]!}`, 'export?format=jsonl', 'export?format=raw'])
      expect((await app.api('GET', `me/traces/${trace!.id}/${path}`, { token })).status).toBe(503);
    expect(app.log).toContain('Kept content can’t be read at present');
    expect(app.log).toContain('The content of calls can’t be stored');
    bucket.away(false);
    await sleep(TIMES.restMs);
    const after = await call(app, person, 'after');
    expect(await keptRequests(app, person, 3)).toEqual([before, [404, 'content_dropped'], after]);
    const scrape = await Scrape.from(metricsPort);
    expect(scrape.sum('tracevault_trace_bodies_total', { state: 'dropped' })).toBe(2);
    const name = 'tracevault_trace_store_operations_total';
    expect(scrape.sum(name, { operation: 'put', result: 'failed' })).toBe(1);
    expect(scrape.sum(name, { operation: 'put', result: 'done' })).toBe(3); // with that of the start
    expect(scrape.sum(name, { operation: 'read', result: 'failed' })).toBeGreaterThan(3);
    expect(app.log).not.toContain('CANARY');
  });

  it('may be away for a moment at the start, which is said', async () => {
    bucket.away(true);
    const app = await start();
    expect(app.log).toContain('The trace store does not work');
    bucket.away(false);
    const person = await somebody(app);
    const body = await call(app, person);
    await sleep(TIMES.restMs);
    expect(await keptRequests(app, person, 1)).toEqual([body]);
  });

  it('that does not answer at all is given up in time, and holds up no stream and no reader', async () => {
    const app = await start({ times: { quietMs: 300, readMs: 300, writeMs: 300, restMs: 60_000 } });
    const person = await somebody(app);
    await call(app, person, 'before');
    bucket.isSilent = true;
    const began = performance.now();
    const all = await Promise.all(Array.from({ length: 20 }, () => keptRequests(app, person, 1)));
    expect(all.flat()).toEqual(Array(20).fill([503, 'content_unavailable']));
    expect(performance.now() - began).toBeLessThan(10_000); // and not one after the other
    await call(app, person, 'meanwhile');
    expect(app.app.get(ContentWriter, { strict: false }).buffer.bytes).toBe(0);
  });

  it('that comes back finds what has waited in memory for it; what found no room there was dropped', async () => {
    const app = await start({ times: { quietMs: 200, writeMs: 60_000 }, maxWaitingBytes: 4 * 1024 * 1024 });
    const person = await somebody(app);
    const { buffer, counts } = app.app.get(ContentWriter, { strict: false });
    const bodies = Array.from({ length: 10 }, (_, at) => bodyOf(String(at).padEnd(15_000, '.'))); // 300 KB each
    bucket.isSilent = true;
    for (const body of bodies) await send(app, person, body);
    await app.calls(person, 10);
    expect(buffer.bytes).toBeGreaterThan(500_000);
    expect(buffer.bytes).toBeLessThanOrEqual(2 * 1024 * 1024); // one person’s half
    expect(counts.get('kept')).toBe(0);
    bucket.isSilent = false;
    await contentWritten(app);
    const read = await keptRequests(app, person, 10);
    const kept = read.filter((one) => typeof one === 'string');
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.length).toBeLessThan(10);
    expect(kept).toEqual(bodies.slice(0, kept.length)); // those that came first
    expect(read.slice(kept.length)).toEqual(Array(10 - kept.length).fill([404, 'content_dropped']));
    expect(buffer.bytes).toBe(0);
  });

  it('is read a pack at a time, each once, however often a session repeats what it says', async () => {
    const app = await start();
    const person = await somebody(app);
    const texts = Array.from({ length: 12 }, (_, at) => `message ${at} `);
    for (const at of texts.keys()) {
      await send(app, person, bodyOf(...texts.slice(0, at + 1)));
      await contentWritten(app);
    }
    bucket.requests.length = 0;
    const all = texts.map((_, at) => bodyOf(...texts.slice(0, at + 1)));
    expect(await keptRequests(app, person, 12)).toEqual(all);
    const read = bucket.requests.length;
    expect(read).toBeGreaterThanOrEqual(12);
    expect(read).toBeLessThanOrEqual(12 * 3); // three bodies are read at once, and may meet at one pack
    expect(await keptRequests(app, person, 12)).toEqual(all);
    expect(bucket.requests).toHaveLength(read);
  });

  it('loses what is deleted, however many pages that takes; what it does not take at once goes later', async () => {
    const app = await start();
    const person = await somebody(app);
    for (const text of ['one', 'two', 'three', 'four', 'five']) await call(app, person, text);
    await call(app, person, 'kept', 'another session');
    expect(bucket.objects.size).toBe(6);
    const before = deletes();
    bucket.away(true);
    const [, trace] = await tracesOf(app, person, 6);
    const { token } = person;
    expect((await app.api('DELETE', `me/traces/${trace!.id}`, { token })).status).toBe(204);
    expect([bucket.objects.size, deletes()]).toEqual([6, before]);
    const gone = await app.api('GET', `me/traces/${trace!.id}/calls/${trace!.calls[0]!}/request`, { token });
    expect(gone.status).toBe(404); // the key is
    bucket.away(false);
    await sleep(TIMES.restMs);
    await sweep(app);
    expect(bucket.objects.size).toBe(1);
    await deleteTrace(app, person, 6);
    expect(bucket.objects.size).toBe(0);
    await sweep(app); // nothing is left to be removed
    expect(await app.dataSource.query('SELECT 1 FROM "trace_removals"')).toEqual([]);
  });

  it('that lacks a pack makes damaged what needs it, and nothing else', async () => {
    const app = await start();
    const person = await somebody(app);
    await call(app, person, 'one');
    const [first] = bucket.objects.keys();
    const second = await call(app, person, 'two');
    bucket.objects.delete(first!);
    expect(await keptRequests(app, person, 2)).toEqual([[500, 'content_damaged'], second]);
    await deleteTrace(app, person, 2);
    expect(bucket.objects.size).toBe(0);
  });

  it('takes bodies of many MiB, and parts of them', async () => {
    const app = await start();
    const person = await somebody(app);
    const text = Array.from({ length: 200_000 }, () => Math.random().toString(36)).join(' ');
    const body = await call(app, person, text.slice(0, 150_000)); // 3 MB, repeated
    const large = JSON.stringify({
      messages: [
        { role: 'user', content: text },
        { role: 'user', content: `${text}!` },
      ],
    });
    await send(app, person, large);
    await contentWritten(app);
    expect(Math.max(...[...bucket.objects.values()].map(({ length }) => length))).toBeGreaterThan(
      2 * 1024 * 1024,
    );
    expect(await keptRequests(app, person, 2)).toEqual([body, large]);
  });

  const actions = 'needs s3:ListBucket for the bucket';
  it.each<[string, NodeJS.ProcessEnv, string[], string]>([
    ['secret', { AWS_SECRET_ACCESS_KEY: 'CANARYwrong' }, [], 'AWS_SECRET_ACCESS_KEY is not that of'],
    ['access key', { AWS_ACCESS_KEY_ID: 'AKIDOTHER' }, [], 'AWS_ACCESS_KEY_ID is not known there'],
    ['session token', { AWS_SESSION_TOKEN: 'CANARYother' }, [], 'AWS_SESSION_TOKEN does not belong'],
    ['region', { AWS_REGION: 'eu-west-9' }, [], 'AWS_REGION, or AWS_ENDPOINT_URL_S3, is not that'],
    ['bucket', { TRACEVAULT_TRACE_STORE: 's3://another' }, [], 'there is no such bucket'],
    [
      'right to list',
      {},
      ['LIST'],
      `refused GET with 403 AccessDenied: the access key may not do that: it ${actions}`,
    ],
    [
      'right to write',
      {},
      ['PUT'],
      `refused PUT with 403 AccessDenied: the access key may not do that: it ${actions}`,
    ],
    ['right to read', {}, ['GET'], 'refused GET with 403 AccessDenied'],
    ['right to remove', {}, ['DELETE'], 'refused DELETE with 403 AccessDenied'],
  ])(
    'with a wrong %s is said in the log with what to do, and calls run on',
    async (_, env, denied, words) => {
      for (const action of denied) bucket.denied.add(action);
      const app = await start({ env });
      expect(app.log).toContain('The trace store does not work');
      expect(app.log).toContain(words);
      const person = await somebody(app);
      await call(app, person);
      const [read] = await keptRequests(app, person, 1);
      const isWritten = ['GET', 'DELETE', 'LIST'].some((action) => denied.includes(action));
      if (!isWritten) expect(read).toEqual([404, 'content_dropped']);
      else if (denied.includes('GET')) expect(read).toEqual([503, 'content_unavailable']);
      expect(app.log).not.toContain('CANARY');
      expect(app.log).not.toContain(S3_CREDENTIALS.AWS_SECRET_ACCESS_KEY);
    },
  );

  it('is reached through the outbound proxy, unless it is on this machine', async () => {
    const tunnels: string[] = [];
    const tunnel = tunnelling({ onTunnel: ({ url = '' }) => tunnels.push(url) });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    closing.push(
      () => tunnel.close(),
      () => tunnel.closeAllConnections(),
    );
    const { port } = new URL(bucket.url);
    const proxy = `http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`;
    // 0.0.0.0 is this machine by an address that does not say so.
    for (const host of ['0.0.0.0', '127.0.0.1']) {
      const env = { TRACEVAULT_OUTBOUND_PROXY: proxy, AWS_ENDPOINT_URL_S3: `http://${host}:${port}` };
      const app = await start({ env });
      expect(app.log).toContain('The trace store works');
    }
    expect(new Set(tunnels)).toEqual(new Set([`0.0.0.0:${port}`]));
  });

  it('is named by the export of a database whose packs it has', async () => {
    const database = await freshDatabase();
    const app = await start({ env: database });
    await call(app, await somebody(app));
    await (closing.pop()!() as Promise<void>);
    const file = join(await emptyDirectory(), 'export');
    const { out } = await operate(['export', file], { ...database, ...bucket.env });
    expect(out).toContain(
      `give the other server the same TRACEVAULT_TRACE_STORE, or copy ${bucket.url}/kept-here`,
    );
  });
});
