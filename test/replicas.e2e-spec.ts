import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { FakeAnthropic } from './support/fake-anthropic';
import { freshDatabase } from './support/database';
import { isComplete, openSocket, readRaw } from './support/raw-http';
import { operate } from './support/operator';
import { runServer, signUpAt, TestProcess } from './support/process';
import { WebSocketUpstream } from './support/web-socket-upstream';
import { postgresOnly } from './support/which-database';

/** Two servers in processes of their own on one PostgreSQL, as behind a load balancer. */
postgresOnly('what changes on one replica counts on the other within a second', () => {
  const processes: TestProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  let upstream: FakeAnthropic;
  let env: NodeJS.ProcessEnv;
  let [one, other] = ['', ''];
  let token: string;

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    const providers = join(folder, 'providers.json');
    writeFileSync(providers, JSON.stringify([{ id: 'openai', base_url: upstream.url }]));
    env = {
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      TRACEVAULT_PROVIDERS: providers,
      TRACEVAULT_WEBSOCKETS: 'on',
    };
    const replicas = await Promise.all([runServer(env), runServer(env)]);
    processes.push(...replicas.map(({ server }) => server));
    [one, other] = replicas.map(({ url }) => url) as [string, string];
    token = await signUpAt(one, 'sk-ant-first');
  });
  afterAll(async () => {
    for (const { child } of processes) child.kill('SIGKILL');
    await upstream.close();
    rmSync(folder, { recursive: true });
  });

  const call = async (url: string, credential = token): Promise<number> =>
    (await fetch(`${url}/proxy/anthropic/v1/models`, { headers: { 'x-api-key': credential } })).status;
  const api = (url: string, method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  /** However warm the other one is, it has a second. */
  async function within1s(isSo: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    while (!(await isSo())) {
      expect(performance.now() - began).toBeLessThan(1000);
      await sleep(20); // so that it does not ask more often than the API allows
    }
  }

  it('a key that is replaced', async () => {
    for (let warm = 0; warm < 5; warm++) expect(await call(other)).toBe(200);
    expect(upstream.last.headers['x-api-key']).toBe('sk-ant-first');
    expect((await api(one, 'PUT', 'me/anthropic-key', { key: 'sk-ant-second' })).status).toBe(204);
    await within1s(async () => {
      expect(await call(other)).toBe(200);
      return upstream.last.headers['x-api-key'] === 'sk-ant-second';
    });
  });

  it('a key that is removed, and one that is stored again', async () => {
    await api(one, 'DELETE', 'me/anthropic-key');
    await within1s(async () => (await call(other)) === 401);
    await api(other, 'PUT', 'me/anthropic-key', { key: 'sk-ant-third' });
    await within1s(async () => (await call(one)) === 200);
  });

  it('a proxy token that is revoked', async () => {
    const created = await api(one, 'POST', 'me/proxy-tokens', { name: 'ci' });
    const { id, token: proxyToken } = (await created.json()) as { id: string; token: string };
    for (let warm = 0; warm < 5; warm++) expect(await call(other, proxyToken)).toBe(200);
    expect((await api(one, 'DELETE', `me/proxy-tokens/${id}`)).status).toBe(204);
    await within1s(async () => (await call(other, proxyToken)) === 401);
    expect(await call(one, proxyToken)).toBe(401);
    expect(await call(other)).toBe(200);
  });

  it('an upload that is not complete when its token is revoked elsewhere gets no answer', async () => {
    const created = await api(one, 'POST', 'me/proxy-tokens', { name: 'uploads' });
    const { id, token: uploads } = (await created.json()) as { id: string; token: string };
    upstream.answerWith((request) => void request.resume());
    const arrival = upstream.arrivalOf('/v1/upload');
    const socket = await openSocket(Number(new URL(other).port));
    const head = ['POST /proxy/anthropic/v1/upload HTTP/1.1', 'host: a', `x-api-key: ${uploads}`];
    socket.write([...head, 'content-length: 20', '', 'half of it'].join('\r\n'));
    const { body } = await arrival;

    await api(one, 'DELETE', `me/proxy-tokens/${id}`);
    const answer = await readRaw(socket, isComplete, 1_000);
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('was revoked at')]);
    await expect(body).rejects.toThrow('cut off');
    upstream.answerWithDefault();
  });

  it('a WebSocket that is open when its key is removed elsewhere, or its token revoked, is closed with the reason', async () => {
    const sockets = new WebSocketUpstream(upstream.server);
    const created = await api(one, 'POST', 'me/proxy-tokens', { name: 'sockets' });
    const { id, token: ofSockets } = (await created.json()) as { id: string; token: string };
    const closedAfter = async (change: () => Promise<Response>): Promise<[unknown, string]> => {
      expect((await api(one, 'PUT', 'me/keys/openai', { key: 'sk-for-sockets' })).status).toBe(204);
      const url = `${other.replace('http', 'ws')}/proxy/openai/v1/responses`;
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${ofSockets}` } });
      await once(socket, 'open');
      const closing = once(socket, 'close');
      expect((await change()).status).toBe(204);
      const began = performance.now();
      const [code, reason] = await closing;
      expect(performance.now() - began).toBeLessThan(1_000);
      return [code, String(reason)];
    };
    expect(await closedAfter(() => api(one, 'DELETE', 'me/keys/openai'))).toEqual([
      1008,
      expect.stringContaining('no OpenAI key'),
    ]);
    expect(await closedAfter(() => api(one, 'DELETE', `me/proxy-tokens/${id}`))).toEqual([
      1008,
      expect.stringContaining('was revoked at'),
    ]);
    sockets.close();
  });

  it('a response, for the call that follows it: both are in one trace', async () => {
    await api(one, 'PUT', 'me/keys/openai', { key: 'sk-for-responses' });
    const respond = async (url: string, body: object): Promise<string> => {
      const response = await fetch(`${url}/proxy/openai/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'agent/1' },
        body: JSON.stringify({ model: 'gpt-5', input: 'hello', ...body }),
      });
      return ((await response.json()) as { id: string }).id;
    };
    const traces = async (): Promise<{ calls: number }[]> =>
      (
        (await (await api(one, 'GET', 'me/traces?client_kind=agent')).json()) as {
          traces: { calls: number }[];
        }
      ).traces;
    const first = await respond(one, {});
    await within1s(async () => (await traces()).length === 1);
    const second = await respond(other, { previous_response_id: first });
    await within1s(async () => (await traces())[0]?.calls === 2);
    await respond(one, { previous_response_id: second });
    await within1s(async () => (await traces())[0]?.calls === 3);
    expect(await traces()).toHaveLength(1);
  });

  it('a person who is deactivated, by an operator or by an owner, and let in again', async () => {
    const operator = async (command: string): Promise<void> => {
      expect(await operate([command, 'a@example.com'], env)).toMatchObject({ code: 0, err: '' });
    };
    for (let warm = 0; warm < 5; warm++) expect(await call(other)).toBe(200);
    await operator('deactivate-user');
    await within1s(async () => (await call(other)) === 401);
    expect(await call(one)).toBe(401);
    await operator('reactivate-user');
    const body = JSON.stringify({ email: 'a@example.com', password: 'a long enough one' });
    const headers = { 'content-type': 'application/json' };
    const login = await fetch(`${other}/api/v1/auth/login`, { method: 'POST', headers, body });
    token = ((await login.json()) as { token: string }).token;
    await within1s(async () => (await call(one)) === 200);
  });

  it('an organization’s key, its policy, and the tokens of somebody who leaves it', async () => {
    const me = (await (await api(one, 'GET', 'auth/me')).json()) as { current_org: string };
    const org = `orgs/${me.current_org}`;
    const created = await api(one, 'POST', 'me/proxy-tokens', { name: 'of the organization' });
    const { token: ofOrg } = (await created.json()) as { token: string };
    const keyAtOther = async (): Promise<unknown> => {
      expect(await call(other, ofOrg)).toBe(200);
      return upstream.last.headers['x-api-key'];
    };
    const own = await keyAtOther();
    expect((await api(one, 'PUT', `${org}/keys/anthropic`, { key: 'sk-ant-of-the-org' })).status).toBe(204);
    expect(await keyAtOther()).toBe(own);
    expect((await api(one, 'PATCH', org, { personal_keys: 'forbidden' })).status).toBe(200);
    await within1s(async () => (await keyAtOther()) === 'sk-ant-of-the-org');
    await api(one, 'PUT', `${org}/keys/anthropic`, { key: 'sk-ant-of-the-org-2' });
    await within1s(async () => (await keyAtOther()) === 'sk-ant-of-the-org-2');
    expect((await api(one, 'DELETE', `${org}/members/me`)).status).toBe(204);
    await within1s(async () => (await call(other, ofOrg)) === 401);
    await within1s(async () => {
      expect(await call(other)).toBe(200);
      return upstream.last.headers['x-api-key'] === own;
    });
  });

  it('an organization that its owner deletes: a proxy token for it, and not the session', async () => {
    const send = (url: string, method: string, path: string, by?: string, body?: object): Promise<Response> =>
      fetch(`${url}/api/v1/${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(by !== undefined && { authorization: `Bearer ${by}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const tokenOf = async (answer: Response) => ((await answer.json()) as { token: string }).token;
    const person = { email: 'closer@example.com', password: 'a long enough one', org_name: 'closing' };
    const session = await tokenOf(await send(one, 'POST', 'auth/register', undefined, person));
    const agent = await tokenOf(await send(one, 'POST', 'me/proxy-tokens', session, { name: 'ci' }));
    await send(one, 'PUT', 'me/anthropic-key', session, { key: 'sk-ant-closer' });
    for (let warm = 0; warm < 5; warm++)
      expect([await call(other, session), await call(other, agent)]).toEqual([200, 200]);
    expect((await send(one, 'DELETE', 'orgs/closing?confirm=closing', session)).status).toBe(204);
    await within1s(async () => (await call(other, agent)) === 401);
    expect([await call(one, agent), await call(one, session), await call(other, session)]).toEqual([
      401, 200, 200,
    ]);
    expect((await send(other, 'GET', 'orgs/closing/members', session)).status).toBe(404);
  });

  it('an account that its person deletes: its session, and a proxy token that is in memory there', async () => {
    const post = (url: string, path: string, body: object, by?: string): Promise<Response> =>
      fetch(`${url}/api/v1/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(by !== undefined && { authorization: `Bearer ${by}` }),
        },
        body: JSON.stringify(body),
      });
    const tokenOf = async (answer: Response) => ((await answer.json()) as { token: string }).token;
    const password = 'a long enough one';
    const person = { email: 'leaver@example.com', password, org_name: 'leaver' };
    const session = await tokenOf(await post(one, 'auth/register', person));
    const agent = await tokenOf(await post(one, 'me/proxy-tokens', { name: 'ci' }, session));
    await fetch(`${one}/api/v1/me/anthropic-key`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'sk-ant-leaver' }),
    });
    for (let warm = 0; warm < 5; warm++)
      expect([await call(other, session), await call(other, agent)]).toEqual([200, 200]);
    expect((await post(one, 'auth/me/delete', { current_password: password }, session)).status).toBe(204);
    await within1s(async () => (await call(other, session)) === 401 && (await call(other, agent)) === 401);
    expect([await call(one, session), await call(one, agent)]).toEqual([401, 401]);
    const login = await post(other, 'auth/login', { email: person.email, password });
    expect(login.status).toBe(401);
  });

  it('a session that is revoked', async () => {
    for (let warm = 0; warm < 5; warm++) expect(await call(other)).toBe(200);
    expect((await api(one, 'POST', 'auth/logout')).status).toBe(204);
    await within1s(async () => (await call(other)) === 401);
    expect((await api(other, 'GET', 'auth/me')).status).toBe(401);
  });
});
