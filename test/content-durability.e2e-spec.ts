import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { freePort, runBuilt, signUpAt, TestProcess } from './support/process';

const CLIENTS = 4;
const SESSIONS = 3;
/** What a tool has returned: megabytes of it, as when an agent reads a large file. */
const TOOL_RESULT = 5 * 1024 * 1024;

interface Trace {
  readonly id: string;
  readonly agents: { readonly calls: { readonly id: string }[] }[];
}

/** What became of a kept body: its bytes, or the code of the refusal. */
type Read = Buffer | string;

jest.setTimeout(180_000);

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the content of a server that is killed while it writes', () => {
  let upstream: FakeAnthropic;
  let env: NodeJS.ProcessEnv;
  let server: TestProcess;
  let url = '';
  let token = '';
  /** The bodies that were sent, by the number that each of them has. */
  const sent = new Map<string, Buffer>();

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    upstream.answerWith(async (request, response) => {
      const body = Buffer.concat((await request.toArray()) as Buffer[]);
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"asked":"${digest(body)}"}`);
    });
    env = { ...(await freshDatabase()), TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url };
    await start();
    token = await signUpAt(url);
    await api('me/capture', { method: 'PUT', body: '{"content":true}' });
  });
  afterAll(async () => {
    await kill();
    await upstream.close();
  });

  async function start(): Promise<void> {
    const port = await freePort();
    server = runBuilt('src/main.js', { ...env, PORT: String(port) });
    await server.says(/TraceVault is ready/, 60_000); // recovering a database takes longer than opening it
    url = `http://127.0.0.1:${String(port)}`;
  }

  async function kill(): Promise<void> {
    server.child.kill('SIGKILL');
    await server.exit;
  }

  const api = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });

  /** Sends a call with a history of which each message is new to the session; a number names it. */
  async function call(size: number): Promise<void> {
    const number = `n${String(sent.size)}`;
    const content = `${number} ${randomBytes(size / 2).toString('hex')}`;
    const body = Buffer.from(JSON.stringify({ number, messages: [{ role: 'user', content }] }));
    sent.set(number, body);
    const headers = { 'x-api-key': token, 'x-session-id': `s${String(sent.size % SESSIONS)}` };
    const response = await fetch(`${url}/proxy/anthropic/v1/messages`, { method: 'POST', headers, body });
    await response.arrayBuffer();
  }

  /** Reads both bodies of all calls, as far as they are kept. */
  async function kept(): Promise<{ request: Read; response: Read }[]> {
    const { traces } = (await (await api('me/traces')).json()) as { traces: { id: string }[] };
    const found: { request: Read; response: Read }[] = [];
    for (const { id } of traces) {
      const trace = (await (await api(`me/traces/${id}`)).json()) as Trace;
      for (const one of trace.agents.flatMap(({ calls }) => calls)) {
        const of = `me/traces/${id}/calls/${one.id}`;
        found.push({ request: await read(`${of}/request`), response: await read(`${of}/response`) });
      }
    }
    return found;
  }

  async function read(path: string): Promise<Read> {
    const response = await api(path);
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    const { errors } = (await response.json()) as { errors: [{ code: string }] };
    return errors[0].code;
  }

  /** Waits until as many calls are kept whole, and returns their numbers. */
  async function keptNumbers(count: number): Promise<string[]> {
    for (;;) {
      const numbers = (await kept()).flatMap(({ request, response }) =>
        typeof request === 'string' || typeof response === 'string' ? [] : [numberOf(request)],
      );
      if (numbers.length >= count) return numbers;
      await sleep(100);
    }
  }

  const numberOf = (request: Buffer): string => (JSON.parse(request.toString()) as { number: string }).number;

  it('is whole or said not to be kept, call by call, and what was there before stays', async () => {
    await call(TOOL_RESULT);
    for (let calls = 0; calls < 5; calls++) await call(20_000);
    let known = await keptNumbers(6);
    expect(known.sort()).toEqual([...sent.keys()].sort());
    for (let killed = 0; killed < 2; killed++) {
      let isOver = false;
      const clients = Array.from({ length: CLIENTS }, async () => {
        while (!isOver) await call(30_000).catch(() => sleep(5));
      });
      const before = sent.size;
      while (sent.size < before + 25) await sleep(1);
      await kill(); // some are open, some wait in memory, some are being written
      isOver = true;
      await Promise.all(clients);
      await start();
      const found = await kept();
      const numbers: string[] = [];
      for (const { request, response } of found) {
        const codes = [request, response].filter((one) => typeof one === 'string');
        expect(['content_not_kept', 'content_dropped']).toEqual(expect.arrayContaining(codes));
        if (typeof request === 'string') continue;
        numbers.push(numberOf(request));
        expect(request.equals(sent.get(numberOf(request))!)).toBe(true);
        if (typeof response !== 'string') expect(response.toString()).toBe(`{"asked":"${digest(request)}"}`);
      }
      expect(known.filter((number) => !numbers.includes(number))).toEqual([]);
      expect(new Set(numbers).size).toBe(numbers.length);
      await call(20_000); // and it goes on
      known = await keptNumbers(numbers.length + 1);
    }
    expect(server.output).not.toMatch(/damaged/);
  });
});
