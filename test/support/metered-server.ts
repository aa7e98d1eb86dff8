import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { CallDetailsDto, CallsDto } from '../../src/me/calls.dto';
import { BUILT_IN_DIALECTS } from '../../src/config/operator-provider';
import { emptyDirectory, freshDatabase } from './database';
import { FakeAnthropic } from './fake-anthropic';
import { runServer, TestProcess } from './process';

/** A call, and what its upstream answers, byte for byte. */
export interface MeteredExchange {
  readonly provider: string;
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly request?: string | Buffer;
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The pieces of the answer, each of which is a chunk of its own on the way. */
  readonly chunks: readonly (string | Buffer)[];
  /** How the upstream ends: the body, the connection, or not at all. */
  readonly end?: 'body' | 'connection' | 'never';
  /** The client leaves when it has read this much of the answer; 0 is before there is any. */
  readonly leavesAfter?: number;
}

/** A built server in a process of its own, in front of an upstream that answers each call as its exchange says. */
export class MeteredServer {
  private readonly exchanges = new Map<string, MeteredExchange>();

  private constructor(
    readonly process: TestProcess,
    readonly url: string,
    private readonly upstream: FakeAnthropic,
    private readonly token: string,
  ) {
    upstream.answerWith((request, response) => this.answer(request, response));
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<MeteredServer> {
    const upstream = await FakeAnthropic.start();
    const providers = join(await emptyDirectory(), 'providers.json');
    const ids = [...BUILT_IN_DIALECTS.keys()];
    writeFileSync(providers, JSON.stringify(ids.map((id) => ({ id, base_url: upstream.url }))));
    const { server, url } = await runServer({
      ...(await freshDatabase()),
      TRACEVAULT_PROVIDERS: providers,
      ...env,
    });
    return new MeteredServer(server, url, upstream, await signUpWithKeys(url, ids));
  }

  /** Makes a call; its session is its name. @returns the bytes that the client got. */
  async call(name: string, exchange: MeteredExchange): Promise<Buffer> {
    this.exchanges.set(name, exchange);
    const { provider, method = 'POST', path, request = '', requestHeaders, leavesAfter } = exchange;
    const target = new URL(`${this.url}/proxy/${provider}${path}`);
    target.searchParams.set('exchange', name); // which the upstream sees, unlike the header of the session
    const sent = httpRequest(target, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        'x-session-id': name,
        ...requestHeaders,
      },
    });
    sent.on('error', () => undefined); // of a client that leaves
    sent.end(request);
    if (leavesAfter === 0) {
      await this.upstream.arrival();
      sent.destroy();
      return Buffer.alloc(0);
    }
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of response) {
        pieces.push(piece as Buffer);
        length += (piece as Buffer).length;
        if (leavesAfter !== undefined && length >= leavesAfter) break; // which destroys the response
      }
    } catch {
      // the upstream broke it off
    }
    return Buffer.concat(pieces);
  }

  /** Resolves with the calls of a session as the API explains them, the newest first, once there are as many. */
  async explained(session: string, count = 1): Promise<CallDetailsDto[]> {
    for (let waited = 0; waited <= 10_000; waited += 50) {
      const { calls } = await this.get<CallsDto>(`me/calls?session=${encodeURIComponent(session)}`);
      if (calls.length >= count)
        return Promise.all(calls.map(({ id }) => this.get<CallDetailsDto>(`me/calls/${id}`)));
      await sleep(50);
    }
    throw new Error(`The ledger has fewer than ${count} calls of ${session}`);
  }

  async get<T>(path: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.url}/api/v1/${path}`, { headers });
    if (response.status !== 200)
      throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async close(): Promise<void> {
    this.process.child.kill('SIGKILL');
    await this.process.exit;
    await this.upstream.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = new URL(request.url ?? '', this.url).searchParams.get('exchange') ?? '';
    const exchange = this.exchanges.get(name);
    if (exchange === undefined) throw new Error(`There is no exchange ${name}`);
    const { status = 200, headers, chunks, end = 'body', leavesAfter } = exchange;
    await once(request.resume(), 'end');
    if (leavesAfter === 0) return;
    response.writeHead(status, headers);
    for (const chunk of chunks) {
      response.write(chunk);
      await nextTurn();
    }
    if (end === 'body') response.end();
    else if (end === 'connection') response.socket?.end(); // without the last chunk
  }
}

async function signUpWithKeys(url: string, providers: readonly string[]): Promise<string> {
  const json = { 'content-type': 'application/json' };
  const person = { email: 'a@example.com', password: 'a long enough one', org_name: 'a' };
  const register = { method: 'POST', headers: json, body: JSON.stringify(person) };
  const registered = await fetch(`${url}/api/v1/auth/register`, register);
  const { token } = (await registered.json()) as { token: string };
  const keys: Readonly<Record<string, string>> = {
    ...{ anthropic: 'sk-ant-x', openai: 'sk-x', gemini: 'AIzaX', openrouter: 'sk-or-x' },
  };
  for (const id of providers) {
    const stored = await fetch(`${url}/api/v1/me/keys/${id}`, {
      method: 'PUT',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({ key: keys[id] }),
    });
    if (stored.status !== 204) throw new Error(`Storing a key for ${id} failed: ${await stored.text()}`);
  }
  return token;
}
