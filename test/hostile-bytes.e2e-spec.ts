import { once } from 'node:events';
import { Person, TestApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, openSocket, readRaw, sendRaw } from './support/raw-http';

/** Raw bytes that no client library would send. Each gets a defined answer; none reaches the upstream with a key unless it should. */
describe.each(PROVIDERS_UNDER_TEST)('hostile bytes at the proxy to $name', (row) => {
  const { provider, prefix, paths, oneHeader } = row;
  let app: TestApp;
  let person: Person;
  let other: Person;

  beforeAll(async () => {
    app = await TestApp.start({
      provider,
      tune: (server) => {
        server.headersTimeout = 300;
        server.requestTimeout = 1_000;
        Object.assign(server, { connectionsCheckingInterval: 50 });
      },
    });
    person = await app.signUp();
    other = await app.signUp();
    app.upstream.answerWith(async (request, response) => {
      const body = (await request.toArray()).join('');
      response.end(`got ${body.length}:${body}`);
    });
  });
  afterAll(() => app.close());

  const line = `POST ${prefix}${paths.message} HTTP/1.1`;
  const tokenLine = (token: string): string => row.tokenHeader(token).join(': ');
  const head = (...lines: string[]): string =>
    [line, 'Host: x', tokenLine(person.token), ...lines, '', ''].join('\r\n');

  describe('that could smuggle a second request are refused before the upstream hears of them', () => {
    const smuggled = `GET ${prefix}/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
    it.each<[string, () => string | Buffer]>([
      [
        'content-length and transfer-encoding',
        () => head('Content-Length: 4', 'Transfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`,
      ],
      [
        'transfer-encoding and content-length',
        () => head('Transfer-Encoding: chunked', 'Content-Length: 4') + `0\r\n\r\n${smuggled}`,
      ],
      ['two different lengths', () => head('Content-Length: 4', 'Content-Length: 50') + `abcd${smuggled}`],
      ['two equal lengths', () => head('Content-Length: 4', 'Content-Length: 4') + 'abcd'],
      ['a list of lengths', () => head('Content-Length: 4, 4') + 'abcd'],
      ['a negative length', () => head('Content-Length: -1')],
      ['a length with a sign', () => head('Content-Length: +4') + 'abcd'],
      ['a length in hex', () => head('Content-Length: 0x4') + 'abcd'],
      ['a length beyond 64 bits', () => head('Content-Length: 99999999999999999999999') + 'abcd'],
      ['an unknown transfer-encoding', () => head('Transfer-Encoding: xchunked') + `0\r\n\r\n${smuggled}`],
      ['chunked not last', () => head('Transfer-Encoding: chunked, identity') + `0\r\n\r\n${smuggled}`],
      ['a space before the colon', () => head('Transfer-Encoding : chunked') + '0\r\n\r\n'],
      ['a tab before the colon', () => head('Content-Length\t: 4') + 'abcd'],
      ['a folded header', () => head('Transfer-Encoding:', ' chunked') + `0\r\n\r\n${smuggled}`],
      [
        'a line that expires in LF alone',
        () => `${line}\nHost: x\n${tokenLine(person.token)}\nContent-Length: 0\n\n`,
      ],
      ['a CR inside a header', () => head('X-A: b\rTransfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`],
      ['a null byte in a header', () => head(`${oneHeader}: a\0b`)],
      ['a control byte in a header', () => head(`${oneHeader}: a\x01b`)],
      ['a header without a name', () => head(': x')],
      ['a header name with a space', () => head('x y: z')],
      [
        'a null byte in the target',
        () => `POST ${prefix}/v1/\0 HTTP/1.1\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`,
      ],
      [
        'a space in the target',
        () => `POST ${prefix}/v1/a b HTTP/1.1\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`,
      ],
      [
        'a control byte in the target',
        () => `POST ${prefix}/v1/\x7f\x01 HTTP/1.1\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`,
      ],
      ['no Host', () => `${line}\r\n${tokenLine(person.token)}\r\n\r\n`],
      [
        'a version that is none',
        () => `POST ${prefix}/v1/messages HTTP/9.9\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`,
      ],
      [
        'a method that is none',
        () => `PWN ${prefix}/v1/messages HTTP/1.1\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`,
      ],
      ['TLS on a plain port', () => Buffer.from('16030100a5010000a10303', 'hex')],
      ['the HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ])('%s', async (_name, bytes) => {
      const before = app.upstream.requests.length;
      const answer = await sendRaw(app.port, bytes());
      expect(answer.text).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer.text.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1);
      expect(answer.text).not.toContain(person.token);
      expect(app.upstream.requests).toHaveLength(before);
    });
  });

  describe('inside a chunked body end the exchange: the upstream never sees a complete one', () => {
    it.each([
      ['a size that is no number', 'zz\r\nabcd\r\n0\r\n\r\n'],
      ['a size beyond 64 bits', 'fffffffffffffffff\r\nabcd\r\n0\r\n\r\n'],
      ['a chunk longer than its size', '2\r\nabcd\r\n0\r\n\r\n'],
      ['a size with a sign', '+4\r\nabcd\r\n0\r\n\r\n'],
      ['an LF alone after the size', '4\nabcd\r\n0\r\n\r\n'],
      ['a null byte in an extension', '4;a=\0\r\nabcd\r\n0\r\n\r\n'],
      ['17 KB of extensions', `4;${'a'.repeat(17_000)}\r\nabcd\r\n0\r\n\r\n`],
    ])('%s', async (_name, body) => {
      const before = app.upstream.requests.length;
      const answer = await sendRaw(app.port, head('Transfer-Encoding: chunked') + body);
      expect(answer.text).not.toMatch(/^HTTP\/1\.1 2/);
      for (const request of app.upstream.requests.slice(before))
        await expect(request.body).rejects.toThrow('cut off');
    });
  });

  it('chunk extensions and trailers stay between the client and the proxy', async () => {
    const [keyName, key] = row.keyHeader(person.apiKey);
    const body = `4;ext=1;x-api-key=evil\r\nabcd\r\n0\r\n${tokenLine(other.token)}\r\n${oneHeader}: trailer\r\n\r\n`;
    const answer = await sendRaw(app.port, head('Transfer-Encoding: chunked', `Trailer: ${keyName}`) + body, {
      until: isComplete,
    });
    expect(answer.text).toContain('got 4:abcd');
    const { headers, rawHeaders } = app.upstream.last;
    expect(headers[keyName]).toBe(key);
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(rawHeaders.join(' ')).not.toMatch(/trailer|ext=/i);
  });

  it('pipelined requests are answered in order, each with the key of its own token', async () => {
    const request = (token: string, text: string): string =>
      `${line}\r\nHost: x\r\n${tokenLine(token)}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const before = app.upstream.requests.length;
    const answer = await sendRaw(
      app.port,
      request(person.token, 'one') + request('tvs_wrong', 'two') + request(other.token, 'three'),
      { until: (text) => text.includes('got 5:three') },
    );
    const statuses = [...answer.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '401', '200']);
    expect(answer.text.indexOf('got 3:one')).toBeLessThan(answer.text.indexOf('got 5:three'));
    expect(
      app.upstream.requests
        .slice(before)
        .map(({ headers }) => headers[row.keyHeader('')[0]])
        .sort(),
    ).toEqual([person, other].map(({ apiKey }) => row.keyHeader(apiKey)[1]).sort());
  });

  it('a head of 64 KB is 431, and the upstream hears nothing', async () => {
    const before = app.upstream.requests.length;
    expect((await sendRaw(app.port, head(`${oneHeader}: ${'a'.repeat(65_536)}`))).status).toBe(431);
    expect(
      (
        await sendRaw(
          app.port,
          head(...Array.from({ length: 3000 }, (_, n) => `${oneHeader}-${n}: ${'b'.repeat(20)}`)),
        )
      ).status,
    ).toBe(431);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('a head of 15 KB passes whole', async () => {
    const answer = await sendRaw(app.port, head(`${oneHeader}: ${'a'.repeat(15_000)}`, 'Content-Length: 0'), {
      until: isComplete,
    });
    expect(answer.status).toBe(200);
    expect(app.upstream.last.headers[oneHeader]).toHaveLength(15_000);
  });

  it('a head that dribbles in is 408 after its time', async () => {
    const socket = await openSocket(app.port);
    socket.write(`${line}\r\nHost: x\r\n`);
    const dribble = setInterval(() => socket.write('X-A: b\r\n'), 50);
    const answer = await readRaw(socket);
    clearInterval(dribble);
    expect(answer.status).toBe(408);
  });

  it('a body that dribbles in is cut off after its time, here and at the upstream', async () => {
    const socket = await openSocket(app.port);
    const arrival = app.upstream.arrival();
    socket.write(`${head('Content-Length: 1000000')}a`);
    const dribble = setInterval(() => socket.write('a'), 50);
    const upstream = await arrival;
    const answer = await readRaw(socket);
    clearInterval(dribble);
    expect(answer.status).not.toBe(200);
    await expect(upstream.body).rejects.toThrow('cut off');
  });

  describe('Expect', () => {
    it('100-continue is invited to go on, and then answered', async () => {
      const socket = await openSocket(app.port);
      socket.write(head('Content-Length: 4', 'Expect: 100-continue'));
      await once(socket, 'data');
      socket.write('abcd');
      const answer = await readRaw(socket, (text) => text.includes('got 4:abcd'));
      expect(answer.text).toContain('HTTP/1.1 200');
      expect(app.upstream.last.headers.expect).toBeUndefined();
    });

    it('anything else is 417', async () => {
      const before = app.upstream.requests.length;
      expect(
        (await sendRaw(app.port, head('Content-Length: 0', 'Expect: 200-ok'), { until: isComplete })).status,
      ).toBe(417);
      expect(app.upstream.requests).toHaveLength(before);
    });
  });

  it('an upstream that switches protocols unasked is a 502, and its bytes reach nobody', async () => {
    app.upstream.answerWith((request) => {
      request.socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\nevil bytes',
      );
    });
    const answer = await sendRaw(app.port, head('Content-Length: 0'), { until: isComplete });
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain('evil bytes');
  });

  it.each(['CONNECT 127.0.0.1:443 HTTP/1.1', `CONNECT ${prefix}/v1/tunnel HTTP/1.1`])(
    '%s opens no tunnel',
    async (request) => {
      const before = app.upstream.requests.length;
      const answer = await sendRaw(app.port, `${request}\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`);
      expect([answer.status, answer.text]).toEqual([405, expect.stringContaining('no forward proxy')]);
      expect(app.upstream.requests).toHaveLength(before);
      const { method, ...line } = await app.requestLine(request.split(' ')[1]!);
      expect([method, line]).toEqual([
        'CONNECT',
        expect.objectContaining({ status: 405, outcome: 'rejected' }),
      ]);
    },
  );

  it('CONNECT behind an answer that has begun closes the connection, and adds nothing to that', async () => {
    app.upstream.answerWith((_, response) => void response.writeHead(200).write('the beginning'));
    const socket = await openSocket(app.port);
    socket.write(`GET ${prefix}/v1/x HTTP/1.1\r\nHost: x\r\n${tokenLine(person.token)}\r\n\r\n`);
    await once(socket, 'data');
    socket.write('CONNECT pipelined.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await readRaw(socket)).text).not.toContain('405');
    expect(await app.requestLine('pipelined.example:443')).toMatchObject({
      method: 'CONNECT',
      outcome: 'rejected',
    });
  });

  it('CONNECT with a token for a host shows none in the log, and its client may reset the connection', async () => {
    const socket = await openSocket(app.port);
    socket.write(`CONNECT ${person.token}:443 HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.resetAndDestroy();
    expect(await app.requestLine('tvs_[redacted]')).toMatchObject({ method: 'CONNECT' });
  });

  it('OPTIONS * is no request to the proxy', async () => {
    const answer = await sendRaw(
      app.port,
      `OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${tokenLine(person.token)}\r\n\r\n`,
      { until: isComplete },
    );
    expect(answer.status).toBe(404);
  });

  it('HTTP/1.0 is answered, with the connection closed as the end', async () => {
    app.upstream.answerWith((_request, response) => {
      response.write('a');
      response.end('b');
    });
    const answer = await sendRaw(
      app.port,
      `GET ${prefix}/v1/old HTTP/1.0\r\n${tokenLine(person.token)}\r\n\r\n`,
    );
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/\r\n\r\nab$/);
    expect(answer.text).not.toMatch(/transfer-encoding/i);
    expect(answer.reset).toBe(false);
  });

  it('and after all that it answers as ever', async () => {
    app.upstream.answerWithDefault();
    const response = await fetch(app.proxyUrl + paths.list, {
      headers: Object.fromEntries([row.tokenHeader(person.token)]),
    });
    expect(response.status).toBe(200);
    expect(app.log).not.toContain(person.token);
  });
});
