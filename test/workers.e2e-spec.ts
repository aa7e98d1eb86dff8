import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { emptyDirectory, freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { Scrape } from './support/metrics';
import { freePort, runBuilt, runServer, signUpAt, TestProcess } from './support/process';
import { postgresOnly } from './support/which-database';

/** Each of the two, in either order. */
const BOTH_DRAIN = /("worker":[12],[^\n]*"Draining[^]*){2}/;

interface Stream {
  readonly source: ServerResponse;
  /** What the client got; rejects when the stream broke. */
  readonly text: Promise<string>;
}

postgresOnly('two workers', () => {
  let upstream: FakeAnthropic;
  let server: TestProcess;
  let url: string;
  let metricsPort: number;
  let token: string;
  let databaseUrl: string;
  let prices: string;

  beforeEach(async () => {
    upstream = await FakeAnthropic.start();
    metricsPort = await freePort();
    const database = await freshDatabase();
    databaseUrl = database.DATABASE_URL ?? '';
    prices = join(await emptyDirectory(), 'prices.json');
    await writeFile(prices, '{}');
    ({ server, url } = await runServer({
      ...database,
      LOG_LEVEL: 'debug',
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_WORKERS: '2',
      TRACEVAULT_PRICES: prices,
      TRACEVAULT_METRICS_PORT: String(metricsPort),
    }));
    token = await signUpAt(url);
  });
  afterEach(async () => {
    for (const pid of workerPids()) killQuietly(pid);
    server.child.kill('SIGKILL');
    await upstream.close();
  });

  /** Of all workers that there have been, in their order. */
  function workerPids(): number[] {
    return [...server.output.matchAll(/"pid":(\d+),"msg":"A worker serves"/g)].map(([, pid]) => Number(pid));
  }

  function killQuietly(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended already
    }
  }

  const get = (path: string): Promise<IncomingMessage> =>
    once(
      httpRequest(`${url}/proxy/anthropic${path}`, { headers: { 'x-api-key': token }, agent: false }).end(),
      'response',
    ).then(([response]) => response as IncomingMessage);

  /** Each on a connection of its own, so that they are spread over the workers. */
  async function openStreams(count: number): Promise<Stream[]> {
    const sources = new Map<string, ServerResponse>();
    upstream.answerWith((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      sources.set(request.url ?? '', response);
    });
    const streams: Stream[] = [];
    for (let index = 0; index < count; index++) {
      const response = await get(`/v1/stream-${index}`);
      const text = response.toArray().then((chunks) => chunks.join(''));
      text.catch(() => undefined); // for a test to look at
      streams.push({ source: sources.get(`/v1/stream-${index}`)!, text });
    }
    return streams;
  }

  /** How often each worker's id stands in a request's line. */
  function servedBy(path: string): Set<string> {
    const lines = server.output.split('\n').filter((line) => line.includes(`"path":"${path}`));
    return new Set(lines.map((line) => /"worker":(\d+)/.exec(line)?.[1] ?? 'none'));
  }

  async function until(holds: (scrape: Scrape) => boolean): Promise<Scrape> {
    for (let tries = 0; tries < 1000; tries++) {
      const scrape = await Scrape.from(metricsPort);
      if (holds(scrape)) return scrape;
    }
    throw new Error('It never came true');
  }

  it('serve side by side, say once that they are ready, and are counted as one server', async () => {
    for (let index = 0; index < 10; index++) (await get('/v1/models')).resume();
    const name = 'tracevault_requests_total';
    const labels = { area: 'proxy', outcome: 'completed', status_class: '2xx' };
    const scrape = await until((now) => now.sum(name, labels) >= 10);
    expect(scrape.sum(name, labels)).toBe(10);
    expect(scrape.sum('tracevault_proxy_overhead_seconds_count')).toBe(10);
    expect(scrape.sum('tracevault_db_pool_max')).toBe(20);
    expect(scrape.sum('tracevault_workers_wanted')).toBe(2);
    expect(scrape.sum('tracevault_workers_ready')).toBe(2);
    expect(scrape.samples.filter((sample) => sample.name === 'nodejs_version_info')).toHaveLength(1);
    const recorded = await until((now) => now.sum('tracevault_calls_total') >= 10);
    expect(recorded.sum('tracevault_calls_total', { provider: 'anthropic', usage_state: 'none' })).toBe(10);
    // Of the lag there is the worst; a sum of two would be more.
    const lag = (part: string): number => scrape.sum(`nodejs_eventloop_lag_${part}_seconds`);
    expect(lag('p99')).toBeLessThanOrEqual(lag('max'));

    expect(servedBy('/proxy/')).toEqual(new Set(['1', '2']));
    expect(server.output.match(/TraceVault is ready/g)).toHaveLength(1);
    expect(new Set([...workerPids(), server.child.pid]).size).toBe(3);
  });

  it('do not fall together: one that is killed is replaced, the others’ streams run on, and no count falls', async () => {
    for (let index = 0; index < 6; index++) (await get('/v1/models')).resume();
    const name = 'tracevault_requests_total';
    const before = await until((now) => now.sum(name, { area: 'proxy' }) >= 6);
    const streams = await openStreams(4);
    const [first, second] = workerPids();
    process.kill(first!, 'SIGKILL');
    await server.says(/"pid":(\d+),"code":null,"signal":"SIGKILL","next_in_ms":1000,"msg":"A worker crashed/);

    for (const { source } of streams) source.end('the end');
    const ends = await Promise.allSettled(streams.map(({ text }) => text));
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect(ends.filter((end) => end.status === 'fulfilled' && end.value === 'the end')).toHaveLength(2);

    const after = await until(
      (now) => now.sum('tracevault_worker_crashes_total') === 1 && now.sum('tracevault_workers_ready') === 2,
    );
    for (const { name: counter, labels, value } of before.samples.filter((sample) =>
      sample.name.endsWith('_total'),
    ))
      expect([counter, labels, after.sum(counter, labels) >= value]).toEqual([counter, labels, true]);
    expect(after.sum(name, { area: 'proxy' })).toBe(8);
    expect(after.sum('tracevault_proxy_open_requests')).toBe(0);

    const third = workerPids()[2]!;
    expect([first, second]).not.toContain(third);
    upstream.answerWithDefault();
    for (let index = 0; index < 4; index++) expect((await get('/v1/models')).resume().statusCode).toBe(200);
    await server.says(/"worker":3,"request_id"/);

    process.kill(third, 'SIGKILL');
    await server.says(/"worker":3,"pid":\d+,"code":null,"signal":"SIGKILL","next_in_ms":2000/); // not as fast a second time
    expect(server.output.match(/TraceVault is ready/g)).toHaveLength(1);
  });

  it('drain at SIGTERM with a stream open in each: not ready, nothing new, to the end, exit 0', async () => {
    const streams = await openStreams(2);
    server.child.kill('SIGTERM');
    await server.says(BOTH_DRAIN);
    for (let index = 0; index < 2; index++) {
      expect((await fetch(`${url}/health/ready`, { headers: { connection: 'close' } })).status).toBe(503);
      expect((await get('/v1/models')).resume().statusCode).toBe(503);
    }
    expect((await Scrape.from(metricsPort)).sum('tracevault_proxy_open_requests')).toBe(2);

    streams[0]!.source.end('the one');
    expect(await streams[0]!.text).toBe('the one');
    await server.says(/"Stopped"/); // one of them is out, and the other one goes on
    streams[1]!.source.end('the other');
    expect(await streams[1]!.text).toBe('the other');
    expect(await server.exit).toBe(0);
    expect(servedBy('/proxy/anthropic/v1/stream')).toEqual(new Set(['1', '2']));
    expect(server.output).not.toContain('A worker crashed');
    expect(server.output.match(/"Stopped"/g)).toHaveLength(2);
  });

  /** Has all workers read the prices again, with one factor for all. */
  async function reloadWith(factor: string): Promise<void> {
    await writeFile(prices, JSON.stringify({ multipliers: { '*': factor } }));
    server.child.kill('SIGHUP');
    await server.says(/("worker":\d,[^\n]*"The prices were read again[^]*){2}/);
  }

  /** Expects the factor from each worker: connections go to one after the other. */
  async function expectFactor(factor: string): Promise<void> {
    for (let index = 0; index < 4; index++) {
      const headers = { authorization: `Bearer ${token}`, connection: 'close' };
      const answer = await (await fetch(`${url}/api/v1/prices`, { headers })).json();
      expect(answer).toMatchObject({ multipliers: { '*': factor } });
    }
  }

  it('all read the prices again at SIGHUP to the primary', async () => {
    await reloadWith('0.5');
    await expectFactor('0.5');
    expect(servedBy('/api/v1/prices')).toEqual(new Set(['1', '2']));
  });

  it('that are killed are replaced, with the prices in force, while the file of prices has an error', async () => {
    await reloadWith('0.5');
    await writeFile(prices, '{"multipliers": {"*": "a lot"}}');
    server.child.kill('SIGHUP');
    await server.says(/("worker":[12],[^\n]*the old ones stay in force[^]*){2}/);
    for (const pid of workerPids()) process.kill(pid, 'SIGKILL');
    while (workerPids().length < 4) await sleep(20);
    await expectFactor('0.5');
    expect(servedBy('/api/v1/prices')).toEqual(new Set(['3', '4']));
    expect(server.output).not.toContain('A worker could not start');
  });

  it('do not wait at a second signal', async () => {
    const [stream] = await openStreams(1);
    server.child.kill('SIGINT');
    await server.says(/Stopping: the workers drain/);
    const impatient = setInterval(() => server.child.kill('SIGINT'), 50);
    expect(await server.exit).toBe(1);
    clearInterval(impatient);
    await expect(stream!.text).rejects.toThrow('aborted');
  });

  it('are stopped one by one, and replaced, by a signal to one of them', async () => {
    process.kill(workerPids()[0]!, 'SIGTERM');
    await server.says(/"code":0,"signal":null,"next_in_ms":0,"msg":"A worker was stopped/);
    const scrape = await until((now) => now.sum('tracevault_workers_ready') === 2);
    expect(scrape.sum('tracevault_worker_crashes_total')).toBe(0);
  });

  it('let their streams run to the end when the primary is killed, and end', async () => {
    const streams = await openStreams(2);
    server.child.kill('SIGKILL');
    await server.says(BOTH_DRAIN);
    for (const { source, text } of streams) {
      source.end('the end');
      expect(await text).toBe('the end');
    }
    await server.exit; // closes when the last of them has let go of the output
    expect(server.output.match(/"Stopped"/g)).toHaveLength(2);
  });

  it('are given up when none is left and none can start, for a supervisor to see', async () => {
    const client = new Client({ connectionString: process.env.TEST_DATABASE_URL });
    await client.connect();
    await client.query(`DROP DATABASE ${new URL(databaseUrl).pathname.slice(1)} WITH (FORCE)`);
    await client.end();
    for (const pid of workerPids()) process.kill(pid, 'SIGKILL');
    expect(await server.exit).toBe(1);
    expect(server.output.match(/No worker is left and none can start/g)).toHaveLength(1);
    expect(server.output).toContain('does not exist');
  });
});

postgresOnly('a worker that hangs', () => {
  it('is shown as it was the last time, and is killed when it does not end', async () => {
    const metricsPort = await freePort();
    const { server } = await runServer({
      ...(await freshDatabase()),
      LOG_LEVEL: 'debug',
      TRACEVAULT_WORKERS: '2',
      TRACEVAULT_METRICS_PORT: String(metricsPort),
      TRACEVAULT_DRAIN_SECONDS: '0',
    });
    const [, pid] = await server.says(/"pid":(\d+),"msg":"A worker serves"/);
    const before = await Scrape.from(metricsPort);
    process.kill(Number(pid), 'SIGSTOP');
    const after = await Scrape.from(metricsPort);
    for (const name of ['tracevault_db_pool_max', 'tracevault_workers_ready'])
      expect([name, after.sum(name)]).toEqual([name, before.sum(name)]);

    server.child.kill('SIGTERM');
    await server.says(/"workers":1,"msg":"Workers that did not end in time are killed"/);
    expect(await server.exit).toBe(1);
  });
});

postgresOnly('workers that can’t start', () => {
  const start = async (env: NodeJS.ProcessEnv): Promise<TestProcess> =>
    runBuilt('src/main.js', {
      ...(await freshDatabase()),
      PORT: String(await freePort()),
      TRACEVAULT_WORKERS: '3',
      ...env,
    });

  it('say why once: the database', async () => {
    const { DATABASE_URL: known = '' } = await freshDatabase();
    const server = await start({ DATABASE_URL: `${known}_not_there` });
    expect(await server.exit).toBe(1);
    expect(server.errors.match(/TraceVault can't start\./g)).toHaveLength(1);
    expect(server.errors).toMatch(/The database in DATABASE_URL can't be used: 3D000/);
    expect(server.output).not.toContain('is ready');
  });

  it('say why once: the port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const server = await start({ PORT: String(port) });
    expect(await server.exit).toBe(1);
    expect(server.errors).toBe(
      `TraceVault can't start.\nPort ${port} is in use. Stop the other process, or set PORT to a free one.\n`,
    );
    taken.close();
  });

  it('say why once: the configuration', async () => {
    const server = await start({ LOG_LEVEL: 'loud' });
    expect(await server.exit).toBe(1);
    expect(server.errors.match(/LOG_LEVEL must be one of/g)).toHaveLength(1);
  });
});

describe('workers on the embedded database', () => {
  it('are refused, with the reason', async () => {
    const server = runBuilt('src/main.js', {
      TRACEVAULT_DATA_DIR: await emptyDirectory(),
      TRACEVAULT_WORKERS: '2',
      PORT: 'x',
    });
    expect(await server.exit).toBe(1);
    expect(server.errors).toContain('The configuration has 2 faults:');
    expect(server.errors).toContain('TRACEVAULT_WORKERS above 1 needs PostgreSQL (set DATABASE_URL)');
  });
});
