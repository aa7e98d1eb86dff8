import { appendFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { CallsDto } from '../src/me/calls.dto';
import { CallDto } from '../src/metering/call.dto';
import { UsageDto } from '../src/me/usage.dto';
import { BreakableNetwork } from './support/breakable-network';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { LedgerLoad } from './support/ledger-load';
import { freePort, runBuilt, signUpAt, TestProcess } from './support/process';
import { postgresOnly } from './support/which-database';

const USAGE = { input_tokens: 0, output_tokens: 3 };

async function until(isSo: () => boolean, everyMs = 5): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`It never came true: ${String(isSo)}`);
    await sleep(everyMs);
  }
}

/** The ledgers of the present test. */
const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

/** A server that is killed and started again, and what its API says of the ledger. */
class Ledger {
  url = '';
  token = '';
  private readonly processes: TestProcess[] = [];

  private constructor(
    readonly env: NodeJS.ProcessEnv,
    readonly upstream: FakeAnthropic,
  ) {}

  static async start(more: NodeJS.ProcessEnv = {}): Promise<Ledger> {
    const upstream = await FakeAnthropic.start();
    const env = {
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '0',
      ...more,
    };
    const ledger = new Ledger(env, upstream);
    opened.push(ledger);
    let input_tokens = 0;
    upstream.answerWith((request, response) => {
      request.resume();
      input_tokens += 1; // no two calls cost the same
      const usage = { ...USAGE, input_tokens };
      const message = { id: 'msg_1', type: 'message', model: 'claude-opus-4-8', content: [{}], usage };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
    });
    await ledger.restart();
    ledger.token = await signUpAt(ledger.url);
    return ledger;
  }

  get server(): TestProcess {
    return this.processes.at(-1)!;
  }

  get spool(): string {
    return join(this.env.TRACEVAULT_DATA_DIR!, 'spool');
  }

  async restart(): Promise<void> {
    const port = await freePort();
    const server = runBuilt('src/main.js', { ...this.env, PORT: String(port) });
    this.processes.push(server);
    await server.says(/TraceVault is ready/, 60_000); // recovering a database takes longer than opening it
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  /** Starts a server, and returns in the moment in which it takes in what an earlier one has left. */
  async restartUntilTakenOver(): Promise<void> {
    const left = readdirSync(this.spool);
    const server = runBuilt('src/main.js', { ...this.env, PORT: String(await freePort()) });
    this.processes.push(server);
    await until(() => !left.every((name) => existsSync(join(this.spool, name))), 1);
  }

  /** The process ids of all workers so far, in their order; those that serve are the last ones. */
  get workers(): number[] {
    return [...this.server.output.matchAll(/"pid":(\d+),"msg":"A worker serves"/g)].map(([, pid]) =>
      Number(pid),
    );
  }

  /** Kills the server, with its workers if it has some. */
  async kill(): Promise<void> {
    this.server.child.kill('SIGKILL');
    for (const pid of this.workers.slice(-2)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended already
      }
    }
    await this.server.exit;
  }

  async get<T>(path: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}` };
    return (await (await fetch(`${this.url}/api/v1/${path}`, { headers })).json()) as T;
  }

  /** Returns all calls, once nothing waits for the database. */
  async calls(): Promise<CallDto[]> {
    await until(() => readdirSync(this.spool).length === 0);
    const all: CallDto[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: CallsDto = await this.get<CallsDto>(
        `me/calls?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      all.push(...page.calls);
      cursor = page.next_cursor;
    }
    return all;
  }

  async close(): Promise<void> {
    if (this.processes.length > 0) await this.kill();
    await this.upstream.close();
  }
}

/** Expects a row for each of these calls, none twice, and sums that are those of the rows. */
async function expectAll(ledger: Ledger, sessions: Iterable<string>): Promise<CallDto[]> {
  const calls = await ledger.calls();
  const found = calls.map(({ agent_session_id }) => agent_session_id);
  expect([...sessions].filter((session) => !found.includes(session))).toEqual([]);
  expect(new Set(found).size).toBe(found.length);
  const { total } = await ledger.get<UsageDto>('me/usage');
  const sum = (of: (call: CallDto) => number): number => calls.reduce((all, call) => all + of(call), 0);
  expect([total.calls, total.input_tokens, total.output_tokens]).toEqual([
    ...[calls.length, sum((call) => call.input_tokens), sum((call) => call.output_tokens)],
  ]);
  return calls;
}

/** What a process that is killed in the middle of a line leaves. */
function tearLine(spool: string): void {
  const [file = ''] = readdirSync(spool);
  appendFileSync(join(spool, file), '{"id":"req_tv_torn","at":"2026-11-2');
}

async function survivesKills(ledger: Ledger): Promise<void> {
  const load = new LedgerLoad(ledger.token);
  const killUnderLoad = async (): Promise<void> => {
    const before = load.finished.size;
    load.start(ledger.url, 8);
    await until(() => load.finished.size >= before + 40);
    await sleep(Math.random() * 500); // before, in and after the batches that are written each half second
    await ledger.kill();
    await load.stop();
  };
  await killUnderLoad();
  await ledger.restart();
  await expectAll(ledger, load.finished);

  await killUnderLoad();
  while (readdirSync(ledger.spool).length === 0) {
    await ledger.restart(); // it was killed in a moment in which nothing waited
    await killUnderLoad();
  }
  tearLine(ledger.spool);
  await ledger.restartUntilTakenOver();
  await ledger.kill();
  await ledger.restart();
  await expectAll(ledger, load.finished);
  expect(ledger.server.output).not.toContain('"level":"error"');

  load.start(ledger.url, 8);
  const before = load.finished.size;
  await until(() => load.finished.size >= before + 40);
  ledger.server.child.kill('SIGTERM');
  await load.stop();
  expect(await ledger.server.exit).toBe(0);
  expect(readdirSync(ledger.spool)).toEqual([]);
  await ledger.restart();
  await expectAll(ledger, load.finished);
}

describe('a finished call', () => {
  it('survives kill -9 at any moment, also twice in a row and with a torn line, once; and SIGTERM', async () => {
    const ledger = await Ledger.start();
    await survivesKills(ledger);
  }, 180_000);
});

postgresOnly('a finished call on a server with two workers', () => {
  it('survives kill -9 of one worker under load, and of all processes, once', async () => {
    const ledger = await Ledger.start({ TRACEVAULT_WORKERS: '2', LOG_LEVEL: 'debug' });
    const load = new LedgerLoad(ledger.token);
    const more = async (count: number): Promise<void> => {
      const before = load.finished.size;
      await until(() => load.finished.size >= before + count);
    };
    load.start(ledger.url, 8);
    await more(40);
    process.kill(ledger.workers[0]!, 'SIGKILL');
    await ledger.server.says(/("msg":"A worker serves"[^]*){3}/, 60_000); // the third takes in what the killed one has left
    await more(40);
    await load.stop();
    await expectAll(ledger, load.finished);

    do {
      if (ledger.server.child.killed) await ledger.restart(); // it was killed in a moment in which nothing waited
      load.start(ledger.url, 8);
      await more(40);
      await sleep(Math.random() * 500);
      await ledger.kill();
      await load.stop();
    } while (readdirSync(ledger.spool).length === 0);
    await ledger.restart();
    await expectAll(ledger, load.finished);
  }, 120_000);
});

postgresOnly('a call that ends while the database is down', () => {
  const openStreams = async (ledger: Ledger, count: number): Promise<() => Promise<void>> => {
    const sources: ServerResponse[] = [];
    ledger.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      sources.push(response);
    });
    const streams = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        fetch(`${ledger.url}/proxy/anthropic/v1/messages`, {
          method: 'POST',
          headers: { 'x-api-key': ledger.token, 'x-session-id': `stream ${String(index)}` },
          body: '{}',
        }),
      ),
    );
    return async () => {
      for (const source of sources) source.end('data: {"type":"message_stop"}\n\n');
      await Promise.all(streams.map((stream) => stream.text()));
    };
  };

  it('is in the spool, and in the ledger once the database is back, also after kill -9', async () => {
    const { DATABASE_URL: database = '', ...others } = await freshDatabase();
    const network = await BreakableNetwork.to(database);
    const ledger = await Ledger.start({ ...others, DATABASE_URL: network.url });
    const sessions = Array.from({ length: 40 }, (_, index) => `stream ${String(index)}`);
    const end = await openStreams(ledger, sessions.length);
    network.cut();
    await end();
    await ledger.server.says(/The ledger could not be written; its calls wait/);
    expect(readdirSync(ledger.spool)).not.toEqual([]);
    await ledger.kill();
    network.fix();
    await ledger.restart();
    await expectAll(ledger, sessions);

    const endOthers = await openStreams(ledger, 1);
    network.cut();
    await endOthers();
    await ledger.server.says(/The ledger could not be written; its calls wait/);
    network.fix();
    expect(await ledger.calls()).toHaveLength(sessions.length + 1);
    await network.close();
  }, 120_000);
});

postgresOnly('the spool', () => {
  /** A call whose row is large: its cost has a line for each of its iterations. */
  const iterations = Array.from({ length: 400 }, () => ({
    type: 'message',
    input_tokens: 1,
    output_tokens: 1,
  }));

  it('has a maximum size, above which the oldest calls are dropped, counted and logged', async () => {
    const ledger = await Ledger.start({ TRACEVAULT_SPOOL_MB: '1' });
    const client = new Client({ connectionString: ledger.env.DATABASE_URL });
    await client.connect();
    client.on('error', () => undefined); // of a database that is dropped behind a test that failed
    await client.query('ALTER TABLE calls RENAME TO calls_elsewhere');
    ledger.upstream.answerWith((request, response) => {
      request.resume();
      const usage = { input_tokens: 400, output_tokens: 400, iterations };
      const message = { id: 'msg_1', type: 'message', model: 'claude-opus-4-8', content: [{}], usage };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
    });
    const sizes: number[] = [];
    for (let index = 0; index < 100; index++) {
      const headers = { 'x-api-key': ledger.token, 'x-session-id': `large ${String(index)}` };
      const url = `${ledger.url}/proxy/anthropic/v1/messages`;
      await (await fetch(url, { method: 'POST', headers, body: '{}' })).text();
      if (index === 0) await ledger.server.says(/The ledger could not be written; its calls wait/);
      // A file may go between the two looks at it.
      const sizeOf = (name: string) =>
        statSync(join(ledger.spool, name), { throwIfNoEntry: false })?.size ?? 0;
      sizes.push(readdirSync(ledger.spool).reduce((sum, name) => sum + sizeOf(name), 0));
    }
    // A turn's calls are appended, and then the oldest are dropped: in between it is larger by those.
    const aTurn = 64 * 1024;
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024 + aTurn);
    await client.query('ALTER TABLE calls_elsewhere RENAME TO calls');
    await client.end();

    const calls = await expectAll(ledger, ['large 99']);
    const lines = ledger.server.output.matchAll(/"rows":(\d+)[^\n]*the oldest were dropped/g);
    const dropped = [...lines].reduce((sum, [, rows]) => sum + Number(rows), 0);
    expect(dropped).toBeGreaterThan(0);
    expect(calls.length + dropped).toBe(100);
    const kept = calls.map(({ agent_session_id }) => agent_session_id);
    // The file that is being tried in that moment stays, though it is the oldest.
    expect(kept.slice(0, 10)).toEqual(
      Array.from({ length: 10 }, (_, index) => `large ${String(99 - index)}`),
    );
  }, 120_000);
});
