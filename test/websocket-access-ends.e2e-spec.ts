import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { AuthCaches } from '../src/cache/auth-caches';
import { OPENAI } from '../src/providers/openai';
import { Person, useApp } from './support/app';
import { newMember } from './support/people';
import { openSocket, readRaw } from './support/raw-http';
import { switchingHead, WebSocketUpstream } from './support/web-socket-upstream';

const PATH = '/proxy/openai/v1/responses';
const SHARED_KEY = 'sk-of-the-organization';

/** Each message of a WebSocket is a request of its own: whoever’s access has ended sends no further one. */
describe('a WebSocket whose caller loses access', () => {
  let upstream: WebSocketUpstream;
  afterAll(() => upstream.close()); // before the server, which waits for its connections
  const app = useApp({ provider: OPENAI, env: { TRACEVAULT_WEBSOCKETS: 'on' } });
  let owner: Person;
  /** Works on the key of the owner's organization. */
  let person: Person;
  let proxyToken: { id: string; token: string };

  beforeAll(async () => {
    upstream = new WebSocketUpstream(app.upstream.server);
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10);
  });
  beforeEach(async () => {
    upstream.echo();
    owner = await app.signUp();
    await api(owner, 'PUT', `orgs/${owner.org}/keys/openai`, { key: SHARED_KEY });
    person = await newMember(app, owner.org, 'developer');
    await api(person, 'DELETE', 'me/keys/openai');
    const created = await api(person, 'POST', 'me/proxy-tokens', { name: 'agent', org: owner.org });
    proxyToken = (await created.json()) as { id: string; token: string };
  });

  async function api({ token }: { token: string }, method: string, path: string, body?: object) {
    const response = await app.api(method, path, { token, ...(body !== undefined && { body }) });
    expect(response.status).toBeLessThan(300);
    return response;
  }

  interface Open {
    readonly client: WebSocket;
    readonly atUpstream: Promise<unknown>;
    readonly closed: Promise<unknown>;
  }

  async function open(token: string): Promise<Open> {
    const arrival = upstream.socket();
    const url = app.url.replace('http', 'ws') + PATH;
    const client = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    await once(client, 'open');
    const closed = once(client, 'close').then(([code, reason]) => [code, String(reason)]);
    return { client, closed, atUpstream: once(await arrival, 'close') };
  }

  async function expectOpen({ client }: Open): Promise<void> {
    client.send('still there');
    expect(String((await once(client, 'message'))[0])).toBe('still there');
  }

  const lastLine = (closedBefore: number) => app.requestLine(PATH, closedBefore + 1);
  const linesSoFar = (): number => app.log.split(`"path":"${PATH}"`).length - 1;

  it.each<[string, RegExp, () => Promise<unknown>, ('session' | 'token')?]>([
    [
      'its session is revoked',
      /its session has expired or was revoked$/,
      () => api(person, 'POST', 'auth/logout'),
      'session',
    ],
    [
      'its proxy token is revoked',
      /^The proxy token "agent" was revoked at \d{4}-/,
      () => api(person, 'DELETE', `me/proxy-tokens/${proxyToken.id}`),
    ],
    [
      'its person leaves the organization of the token',
      /^The TraceVault token is unknown|was revoked/,
      () => api(person, 'DELETE', `orgs/${owner.org}/members/me`),
    ],
    [
      'its person is removed from the organization',
      /^The TraceVault token is unknown|was revoked/,
      () => api(owner, 'DELETE', `orgs/${owner.org}/members/${person.userId}`),
    ],
    [
      'its person leaves the organization whose key a session used',
      /^You have no OpenAI key stored in TraceVault, and your organization shares none$/,
      () => api(person, 'DELETE', `orgs/${owner.org}/members/me`),
      'session',
    ],
    [
      'the organization’s key is taken away',
      /^You have no OpenAI key stored in TraceVault, and your organization shares none$/,
      () => api(owner, 'DELETE', `orgs/${owner.org}/keys/openai`),
    ],
    [
      'the organization’s key is replaced',
      /^Another OpenAI key counts than the one that this WebSocket was opened with$/,
      () => api(owner, 'PUT', `orgs/${owner.org}/keys/openai`, { key: 'sk-another-one' }),
    ],
    [
      'a key of their own counts from now on',
      /^Another OpenAI key counts/,
      () => api(person, 'PUT', 'me/keys/openai', { key: 'sk-own' }),
    ],
    [
      'the organization has its members use keys of their own',
      /^The organization "org \w+" has its members use keys of their own/,
      () => api(owner, 'PATCH', `orgs/${owner.org}`, { personal_keys: 'required' }),
    ],
  ])('is closed with the reason when %s', async (_when, reason, end, by = 'token') => {
    const lines = linesSoFar();
    const { closed, atUpstream } = await open(by === 'token' ? proxyToken.token : person.token);
    await end();
    expect(await closed).toEqual([1008, expect.stringMatching(reason)]);
    await atUpstream;
    expect(await lastLine(lines)).toMatchObject({
      status: 101,
      outcome: 'rejected',
      error_type: 'authentication_error',
    });
  });

  it('is closed when its proxy token expires', async () => {
    const { closed, atUpstream } = await open(proxyToken.token);
    const expiry = new Date(Date.now() - 1_000);
    await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE id = $2', [
      expiry,
      proxyToken.id,
    ]);
    app.invalidateAuthCache();
    expect(await closed).toEqual([1008, expect.stringContaining('expired at')]);
    await atUpstream;
  });

  it('is closed when nothing can be heard of changes', async () => {
    const { closed } = await open(person.token);
    const caches = app.app.get(AuthCaches);
    caches.useFeed({ isUpToDate: false, catchUp: () => Promise.resolve(false) });
    await app.dataSource.query('DELETE FROM auth_sessions WHERE user_id = $1', [person.userId]);
    expect(await closed).toEqual([1008, expect.any(String)]);
    caches.useFeed({ isUpToDate: true, catchUp: () => Promise.resolve(true) });
  });

  it('is closed when access ends between the handshake and its answer', async () => {
    const arrival = upstream.socket();
    let accept = (): void => undefined;
    upstream.answerWith((handshake, socket) => {
      accept = () => socket.write(switchingHead(handshake));
    });
    const url = app.url.replace('http', 'ws') + PATH;
    const client = new WebSocket(url, { headers: { authorization: `Bearer ${proxyToken.token}` } });
    const closed = once(client, 'close');
    await arrival;
    await api(person, 'DELETE', `me/proxy-tokens/${proxyToken.id}`);
    accept();
    expect(await closed).toMatchObject([1008, expect.anything()]);
  });

  it('goes on, in order, through changes that take nothing from it', async () => {
    const webSocket = await open(proxyToken.token);
    const other = await api(person, 'POST', 'me/proxy-tokens', { name: 'another', org: owner.org });
    const { id } = (await other.json()) as { id: string };
    const changes: (() => unknown)[] = [
      () => api(person, 'DELETE', `me/proxy-tokens/${id}`),
      () => api(owner, 'PUT', `orgs/${owner.org}/keys/anthropic`, { key: 'sk-ant-x' }),
      () => api(owner, 'PATCH', `orgs/${owner.org}`, { personal_keys: 'forbidden' }),
      () => {
        app.invalidateAuthCache();
      },
    ];
    for (const change of changes) {
      await change();
      await expectOpen(webSocket);
    }
    webSocket.client.close(1000);
    expect(await webSocket.closed).toEqual([1000, '']);
  });

  it('is broken off where the reason would stand in the middle of a message', async () => {
    const half = Buffer.from([0x81, 100, 0x61]);
    upstream.answerWith((handshake, socket) => {
      socket.write(Buffer.concat([Buffer.from(switchingHead(handshake)), half]));
    });
    const client = await openSocket(app.port);
    client.write(handshakeOf(proxyToken.token));
    const answer = readRaw(client);
    const [bytes] = (await once(client, 'data')) as [Buffer];
    if (!bytes.subarray(-half.length).equals(half)) await once(client, 'data');
    await api(person, 'DELETE', `me/proxy-tokens/${proxyToken.id}`);
    expect((await answer).bytes.subarray(-half.length).equals(half)).toBe(true);
  });

  it('passes nothing on that its client sends behind the end, and waits no longer than it has to for it to leave', async () => {
    upstream.answerWith((handshake, socket) => socket.write(switchingHead(handshake)));
    const arrival = upstream.socket();
    const client = await openSocket(app.port);
    client.write(handshakeOf(proxyToken.token));
    await once(client, 'data');
    let received = 0;
    (await arrival).on('data', (chunk: Buffer) => (received += chunk.length));
    const answer = readRaw(client, (text) => text.includes('was revoked'));
    await api(person, 'DELETE', `me/proxy-tokens/${proxyToken.id}`);
    client.write(Buffer.alloc(1_000_000));
    expect((await answer).bytes.includes(Buffer.from([0x88]))).toBe(true);
    expect(received).toBe(0);
  });

  const handshakeOf = (token: string): string =>
    [
      `GET ${PATH} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      '\r\n',
    ].join('\r\n');
});
