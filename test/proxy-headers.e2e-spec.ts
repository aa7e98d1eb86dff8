import { Person, useApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, sendRaw } from './support/raw-http';

const LAST = 'Connection: close\r\n';

describe.each(PROVIDERS_UNDER_TEST)('headers through the proxy to $name', (row) => {
  const { provider, prefix, paths, oneHeader, otherHeader } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
  });

  const tokenLine = (): string => row.tokenHeader(person.token).join(': ');
  const asPerson = (): Record<string, string> => Object.fromEntries([row.tokenHeader(person.token)]);

  /** Header lines exactly as given, over a raw socket. */
  async function send(lines: string[], target = paths.message): Promise<{ text: string; status: number }> {
    const head = [
      `POST ${prefix}${target} HTTP/1.1`,
      'Host: tracevault.example',
      ...lines,
      'Content-Length: 2',
      '',
      '{}',
    ];
    return sendRaw(app.port, head.join('\r\n'), { until: isComplete });
  }

  /** A request's head without its empty line. */
  const modelsHead = (method: string, more = ''): string =>
    `${method} ${prefix}${paths.list} HTTP/1.1\r\nHost: x\r\n${tokenLine()}\r\n${more}`;

  function arrived(): [string, string][] {
    const { rawHeaders } = app.upstream.last;
    return rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1]!] as [string, string]] : [],
    );
  }

  it('passes unknown headers of the open families and betas unchanged, in case, order and repetition', async () => {
    await send([tokenLine(), ...row.requestHeaders.map((header) => header.join(': '))]);
    expect(arrived().slice(1, -2)).toEqual([...row.requestHeaders, ['Content-Length', '2']]);
  });

  it('sends nothing else: no cookie, no token, no trace of the proxy, and adds no header of its own', async () => {
    await send([
      tokenLine(),
      `x-api-key: ${person.token}`,
      `Authorization: Bearer ${person.token}`,
      `Cookie: tracevault_session=${person.token}`,
      'X-Forwarded-For: 10.1.2.3',
      'X-Forwarded-Host: evil',
      'Forwarded: for=10.1.2.3',
      'Via: 1.1 somewhere',
      'Proxy-Authorization: Basic eDp5',
      'Proxy-Connection: keep-alive',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Upgrade: h2c',
      'Origin: https://evil.example',
      'Referer: https://evil.example',
      'X-Stainless-Lang: js',
      'X-Other: 1',
    ]);
    const upstreamHost = new URL(app.upstream.url).host;
    expect(arrived().map(([name, value]) => `${name.toLowerCase()}: ${value}`)).toEqual([
      `host: ${upstreamHost}`,
      'content-length: 2',
      row.keyHeader(person.apiKey).join(': '),
      'connection: keep-alive',
    ]);
    expect(app.upstream.last.rawHeaders.join(' ')).not.toContain(person.token);
  });

  it('drops what Connection names before it sets its own: no client can strip the key or the length', async () => {
    const [keyName, key] = row.keyHeader(person.apiKey);
    const { status } = await send([
      `Connection: ${keyName}, ${oneHeader}, content-length, host`,
      tokenLine(),
      `${oneHeader}: hop-by-hop`,
      `${otherHeader}: 2023-06-01`,
    ]);
    expect(status).toBe(200);
    const headers = Object.fromEntries(arrived().map(([name, value]) => [name.toLowerCase(), value]));
    expect(headers[keyName]).toBe(key);
    expect(headers[oneHeader]).toBeUndefined();
    expect(headers[otherHeader]).toBe('2023-06-01');
    expect((await app.upstream.last.body).start.toString()).toBe('{}');
  });

  it.each([200, 429, 529])(
    'passes the vendor’s own headers back on %i, and none off the list',
    async (status) => {
      app.upstream.answerWith((_request, response) => {
        response.writeHead(status, [
          ...row.responseHeaders,
          ['Set-Cookie', 'a=b'],
          ['Location', 'https://evil.example/'],
          ['Server', 'vendor'],
          ['CF-Ray', '1'],
          ['Access-Control-Allow-Origin', '*'],
          ['X-Api-Key', person.apiKey],
          ['Authorization', `Bearer ${person.apiKey}`],
          ['Connection', row.hopHeader],
          [row.hopHeader, 'not for the client'],
          ['Via', '1.1 vendor'],
        ] as unknown as string[]);
        response.end('x');
      });
      const response = await fetch(app.proxyUrl + paths.message, { headers: asPerson() });
      expect(response.status).toBe(status);
      const ours = ['connection', 'date', 'keep-alive', 'transfer-encoding'];
      expect(Object.fromEntries([...response.headers].filter(([name]) => !ours.includes(name)))).toEqual(
        Object.fromEntries(row.responseHeaders.map(([name, value]) => [name.toLowerCase(), value])),
      );
    },
  );

  it.each([
    ['HEAD', 200, 'content-length: 1234'],
    ['GET', 204, undefined],
    ['GET', 304, 'content-length: 1234'],
  ])(
    'ends the answer to %s with %i behind its head, and serves the connection’s next request',
    async (method, status, length) => {
      app.upstream.answerWith((_request, response) => {
        if (length !== undefined) response.setHeader('content-length', 1234);
        response.writeHead(status, { [row.requestIdHeader]: 'req_head' }).end();
      });
      const answer = await sendRaw(app.port, `${modelsHead(method)}\r\n${modelsHead(method, LAST)}\r\n`);
      expect(answer.text.match(new RegExp(`^HTTP/1.1 ${status} `, 'gm'))).toHaveLength(2);
      expect(answer.text).toMatch(/\r\n\r\nHTTP[^]*\r\n\r\n$/); // two heads and nothing else
      expect(answer.text.match(/content-length: 1234/gi) ?? []).toHaveLength(length === undefined ? 0 : 2);
      expect(answer.text).not.toMatch(/transfer-encoding/i);
    },
  );

  it.each([
    ['GET', undefined],
    ['HEAD', undefined],
    ['DELETE', undefined],
    ['OPTIONS', undefined],
    ['POST', '0'],
    ['PUT', '0'],
    ['PATCH', '0'],
  ])('announces no body that is not there: %s has the length %s', async (method, length) => {
    app.upstream.answerWithDefault();
    await sendRaw(app.port, `${modelsHead(method, LAST)}\r\n`);
    expect(app.upstream.last.method).toBe(method);
    expect(app.upstream.last.headers['content-length']).toBe(length);
    expect(app.upstream.last.headers['transfer-encoding']).toBeUndefined();
  });

  it.each(['GET', 'DELETE', 'POST'])(
    'passes the body that a %s does have, with its length or in chunks',
    async (method) => {
      app.upstream.answerWithDefault();
      for (const framed of [
        'Content-Length: 4\r\n\r\nbody',
        'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
      ]) {
        await sendRaw(app.port, modelsHead(method, LAST) + framed);
        expect((await app.upstream.last.body).start.toString()).toBe('body');
      }
    },
  );

  it('follows no redirect and shows no client where it led', async () => {
    app.upstream.answerWith((_request, response) => {
      response.writeHead(302, { location: 'http://evil.example/' }).end();
    });
    const before = app.upstream.requests.length;
    const response = await fetch(app.proxyUrl + paths.list, {
      headers: asPerson(),
      redirect: 'manual',
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBeNull();
    expect(app.upstream.requests).toHaveLength(before + 1);
  });

  it('grants no other origin anything', async () => {
    const answer = await sendRaw(
      app.port,
      `OPTIONS ${prefix}${paths.message} HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
      { until: isComplete },
    );
    expect(answer.status).toBe(401);
    expect(answer.text.toLowerCase()).not.toContain('access-control');
  });

  it('never has both a content-length and a transfer-encoding, in either direction', async () => {
    app.upstream.answerWith((_request, response) => {
      response.setHeader('content-length', 2);
      response.end('ok');
    });
    const { text } = await send([tokenLine()]);
    expect(text).toMatch(/content-length: 2/i);
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(app.upstream.last.headers['transfer-encoding']).toBeUndefined();
  });

  it.each([
    ['both a content-length and a transfer-encoding', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3'],
  ])('refuses a request that carries %s', async (_name, lines) => {
    const before = app.upstream.requests.length;
    const answer = await sendRaw(
      app.port,
      `POST ${prefix}${paths.message} HTTP/1.1\r\nHost: x\r\n${tokenLine()}\r\n${lines}\r\n\r\n0\r\n\r\n`,
    );
    expect(answer.status).toBe(400);
    expect(app.upstream.requests).toHaveLength(before);
  });
});
