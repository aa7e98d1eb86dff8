import { once } from 'node:events';
import { Socket } from 'node:net';
import { AuthCaches } from '../src/cache/auth-caches';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Exchanges } from '../src/exchange/exchanges';
import { UpstreamRequest } from './support/fake-anthropic';
import { Person, useApp } from './support/app';
import { isComplete, openSocket, readRaw } from './support/raw-http';

const FIRST = 'the first half, ';
const SECOND = 'and the second';
const PIECE = Buffer.alloc(8 * 1024, 'a');

/** Whoever's access has ended gets no answer to what they began before: an answer is paid for. */
describe('an upload whose caller loses access', () => {
  const app = useApp();
  let person: Person;

  beforeAll(async () => {
    const caches = app.app.get(AuthCaches);
    while (!caches.hasInvalidationFeed) await sleep(10);
  });
  beforeEach(async () => {
    person = await app.signUp();
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.end('an answer that is paid for'));
    });
  });

  interface Upload {
    readonly socket: Socket;
    readonly arrived: UpstreamRequest;
  }

  /** Its first half has been sent, and is at the upstream. */
  async function begin(
    token: string,
    framing: 'declared' | 'chunked' = 'declared',
    name = 'messages',
  ): Promise<Upload> {
    const path = `/v1/${name}?${Math.random()}`;
    const arrival = app.upstream.arrivalOf(path);
    const socket = await openSocket(app.port);
    const isDeclared = framing === 'declared';
    const length = isDeclared
      ? `content-length: ${FIRST.length + SECOND.length}`
      : 'transfer-encoding: chunked';
    const head = [`POST /proxy/anthropic${path} HTTP/1.1`, 'host: a', `x-api-key: ${token}`, length, '\r\n'];
    socket.write(head.join('\r\n') + (isDeclared ? FIRST : chunk(FIRST)));
    return { socket, arrived: await arrival };
  }
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

  async function expectRefusal({ socket, arrived }: Upload, message: RegExp): Promise<void> {
    await expect(arrived.body).rejects.toThrow('cut off');
    const answer = await readRaw(socket, isComplete);
    expect(answer.status).toBe(401);
    expect(answer.text).toMatch(/"type":"authentication_error"/);
    expect(answer.text).toMatch(message);
  }

  it('is cut off when the session is revoked, and the client is told', async () => {
    const other = ((await (await login(person)).json()) as { token: string }).token;
    const uploads = await Promise.all([
      ...Array.from({ length: 10 }, () => begin(person.token)),
      ...Array.from({ length: 10 }, () => begin(person.token, 'chunked')),
    ]);
    const goesOn = await begin(other);

    expect((await app.api('POST', 'auth/logout', { token: person.token })).status).toBe(204);
    for (const { socket } of uploads) socket.write(SECOND);
    await Promise.all(uploads.map((upload) => expectRefusal(upload, /session has expired or was revoked/)));

    goesOn.socket.write(SECOND);
    expect((await readRaw(goesOn.socket, isComplete)).text).toContain('an answer that is paid for');
    expect((await goesOn.arrived.body).start.toString()).toBe(FIRST + SECOND);
    expect(await app.requestLine('/proxy/anthropic/v1/messages')).toMatchObject({
      status: 401,
      outcome: 'rejected',
      error_type: 'authentication_error',
    });
  });

  it('is cut off when its proxy token is revoked, and not when another one is', async () => {
    const [token, other] = await Promise.all(['one', 'another'].map((name) => proxyToken(name)));
    const [upload, goesOn] = await Promise.all([begin(token!.token), begin(other!.token)]);
    await app.api('DELETE', `me/proxy-tokens/${token!.id}`, { token: person.token });
    upload.socket.write(SECOND);
    await expectRefusal(upload, /proxy token \\"one\\" was revoked/);
    goesOn.socket.write(SECOND);
    expect((await readRaw(goesOn.socket, isComplete)).status).toBe(200);
  });

  it('is cut off when its proxy token expires', async () => {
    const token = await proxyToken('short');
    const upload = await begin(token.token);
    const expiry = new Date(Date.now() - 1_000);
    await app.dataSource.query('UPDATE proxy_tokens SET expires_at = $1 WHERE id = $2', [expiry, token.id]);
    app.invalidateAuthCache();
    await expectRefusal(upload, /expired at/);
  });

  it('is cut off when nothing can be heard of changes', async () => {
    const upload = await begin(person.token);
    app.app.get(AuthCaches).useFeed({ isUpToDate: false, catchUp: () => Promise.resolve(false) });
    await app.dataSource.query('DELETE FROM auth_sessions WHERE user_id = $1', [person.userId]);
    await expectRefusal(upload, /session has expired or was revoked/);
    app.app.get(AuthCaches).useFeed({ isUpToDate: true, catchUp: () => Promise.resolve(true) });
  });

  it('runs on when it is whole: what is being answered is answered', async () => {
    let finish = (): void => undefined;
    app.upstream.answerWith((request, response) => {
      response.writeHead(200).flushHeaders();
      request.resume().on('end', () => (finish = () => response.end('the answer')));
    });
    const { socket, arrived } = await begin(person.token);
    socket.write(SECOND);
    await arrived.body;
    await app.api('POST', 'auth/logout', { token: person.token });
    finish();
    const answer = await readRaw(socket, isComplete);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('the answer')]);
  });

  it('is cut off abnormally when its answer has begun before it was whole', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume();
      response.writeHead(200).write('an early answer');
    });
    const { socket, arrived } = await begin(person.token, 'declared', 'early');
    const answered = readRaw(socket);
    await once(socket, 'data');
    await app.api('POST', 'auth/logout', { token: person.token });
    expect((await answered).text).not.toContain('\r\n0\r\n');
    await expect(arrived.body).rejects.toThrow('cut off');
    expect(await app.requestLine('/proxy/anthropic/v1/early')).toMatchObject({
      status: 200,
      outcome: 'rejected',
    });
  });

  it('leaves no answer that looks complete when it is cut off while its client reads slowly', async () => {
    let isIn = false;
    app.upstream.answerWith(async (request, response) => {
      request.resume();
      response.writeHead(200);
      const [exchange] = app.app.get(Exchanges).list();
      for (let written = 0; exchange?.response.writableNeedDrain !== true;) {
        written += PIECE.length;
        response.write(PIECE);
        while (exchange!.responseBytes < written) await nextTurn(); // a small one comes in one piece
      }
      response.end('the end of the answer', () => (isIn = true));
    });
    const { socket } = await begin(person.token, 'chunked', 'slow-reader');
    while (!isIn) await sleep(5);
    await sleep(50);
    await app.api('POST', 'auth/logout', { token: person.token });
    expect(await app.requestLine('/proxy/anthropic/v1/slow-reader')).toMatchObject({ outcome: 'rejected' });
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    await once(socket, 'close');
    const end = Buffer.concat(parts).subarray(-40).toString('latin1');
    expect(end).not.toContain('\r\n0\r\n');
  });

  it('runs on, whole and in order, through changes that take nothing from its caller', async () => {
    const upload = await begin(person.token);
    for (let change = 0; change < 5; change++) {
      await app.storeKey(person.token, `sk-ant-other-${change}`);
      upload.socket.write('x');
    }
    upload.socket.write(SECOND.slice(5));
    expect((await readRaw(upload.socket, isComplete)).status).toBe(200);
    expect((await upload.arrived.body).start.toString()).toBe(`${FIRST}xxxxx${SECOND.slice(5)}`);
  });

  const login = ({ email, password }: Person): Promise<Response> =>
    app.api('POST', 'auth/login', { body: { email, password } });
  async function proxyToken(name: string): Promise<{ id: string; token: string }> {
    const created = await app.api('POST', 'me/proxy-tokens', { token: person.token, body: { name } });
    return (await created.json()) as { id: string; token: string };
  }
});
