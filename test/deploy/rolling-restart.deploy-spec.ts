import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freshDatabase } from '../support/database';
import { FakeAnthropic } from '../support/fake-anthropic';
import { freePort, runBuilt, signUpAt, TestProcess } from '../support/process';
import { postgresOnly } from '../support/which-database';
import { Nginx } from './nginx';

/** Stands where the command is looked up, and tells the test what it was asked for. */
const DOCKER = `#!/usr/bin/env node
fetch(process.env.ENGINE, { method: 'POST', body: JSON.stringify(process.argv.slice(2)) })
  .then(async (answer) => { console.log(await answer.text()); process.exitCode = answer.ok ? 0 : 1; });
`;
const REQUEST = Buffer.alloc(200_000, ' '); // more than nginx reads together with the head

/** Two servers on one PostgreSQL behind deploy/nginx, and deploy/compose/rolling-restart.sh. */
postgresOnly('two servers behind nginx', () => {
  let upstream: FakeAnthropic;
  let nginx: Nginx;
  let engine: Server;
  let token: string;
  let env: NodeJS.ProcessEnv;
  const ports: number[] = [];
  const servers: TestProcess[] = [];
  const streams: { client: IncomingMessage; source: ServerResponse }[] = [];

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    env = {
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_DRAIN_SECONDS: '60',
      TRUST_PROXY: '1',
    };
    ports.push(await freePort(), await freePort());
    await Promise.all([start(0), start(1)]);
    token = await signUpAt(`http://127.0.0.1:${ports[0]}`);
    nginx = await Nginx.inFrontOf(ports);
  });
  afterAll(async () => {
    engine?.close();
    await nginx?.stop();
    for (const { child } of servers) child.kill('SIGKILL');
    await upstream.close();
  });

  async function start(index: number): Promise<void> {
    const server = runBuilt('src/main.js', { ...env, PORT: String(ports[index]) });
    servers[index] = server;
    await server.says(/TraceVault is ready/);
  }

  function post(path: string): Promise<IncomingMessage> {
    const headers = { 'x-api-key': token };
    const request = nginx.request(`/proxy/anthropic${path}`, { method: 'POST', headers });
    return new Promise((resolve, reject) => {
      request.on('response', resolve).on('error', reject).end(REQUEST);
    });
  }

  async function openStreams(count: number): Promise<void> {
    const sources: Promise<ServerResponse>[] = [];
    upstream.answerWith((request, response) => {
      request.resume().once('end', () => {
        if (request.url !== '/v1/stream') response.end('{}');
        else response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      });
      if (request.url === '/v1/stream') sources.push(Promise.resolve(response));
    });
    for (let opened = 0; opened < count; opened++) {
      const client = await post('/v1/stream'); // one by one, so that each has its source
      streams.push({ client, source: (await sources[opened])! });
    }
  }

  /** Each of them is alive, then ends in order. */
  async function finishStreams(): Promise<void> {
    for (const { client, source } of streams.splice(0)) {
      const event = once(client, 'data');
      source.write('event: ping\n\n');
      expect(String((await event)[0])).toBe('event: ping\n\n');
      source.end('event: message_stop\n\n');
      expect((await client.toArray()).join('')).toBe('event: message_stop\n\n');
    }
  }

  /** What `docker compose up --force-recreate --wait` does to a server: SIGTERM, the end, a new one, healthy. */
  async function replace(index: number): Promise<void> {
    const server = servers[index]!;
    server.child.kill('SIGTERM');
    await server.says(/Draining/);
    await finishStreams();
    expect(await server.exit).toBe(0);
    expect(server.output).toMatch(/"path":"\/proxy\/anthropic\/v1\/stream".*"outcome":"completed"/);
    await start(index);
    await openStreams(4); // on the other one, which is next
  }

  async function carryOut(words: string[]): Promise<void> {
    const command = words.slice(3); // compose -f compose.postgres.yaml
    if (command[0] === 'exec') expect(await nginx.reload()).toBe(0);
    else await replace(Number(command.at(-1)?.replace('tracevault-', '')) - 1);
  }

  async function startEngine(): Promise<string> {
    engine = createServer((request, response) => {
      void (async () => {
        try {
          await carryOut(JSON.parse((await request.toArray()).join('')) as string[]);
          response.end('done');
        } catch (error) {
          response.writeHead(500).end(String(error));
        }
      })();
    });
    await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  }

  it('are replaced one after the other: no stream is cut, and no request is refused', async () => {
    const bin = join(nginx.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'docker'), DOCKER, { mode: 0o755 });
    await openStreams(6); // three on each
    const script = new TestProcess(
      spawn('sh', [join(nginx.folder, 'compose/rolling-restart.sh')], {
        env: { PATH: `${bin}:${process.env.PATH}`, ENGINE: await startEngine() },
      }),
    );
    const statuses: Record<string, number> = {};
    let running = true;
    void script.exit.then(() => (running = false));
    while (running) {
      const status = await post('/v1/messages').then(
        (response) => String(response.resume().statusCode),
        (error: unknown) => String(error),
      );
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    expect([await script.exit, script.output + script.errors]).toEqual([
      0,
      expect.stringContaining('tracevault-2: replaced'),
    ]);
    expect(statuses).toEqual({ 200: expect.any(Number) });
    expect(statuses['200']).toBeGreaterThan(20);
    await finishStreams();
  }, 120_000);

  it('go on as one when the other is killed', async () => {
    servers[0]!.child.kill('SIGKILL');
    await servers[0]!.exit;
    for (let count = 0; count < 10; count++)
      expect((await post('/v1/messages')).resume().statusCode).toBe(200);
  });
});
