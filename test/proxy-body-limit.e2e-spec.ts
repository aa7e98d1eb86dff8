import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { IncomingMessage, request as httpRequest } from 'node:http';
import { Person, useApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';
import { isComplete, openSocket, readRaw, sendRaw } from './support/raw-http';

const MIB = 1024 * 1024;

describe.each(PROVIDERS_UNDER_TEST)('body limits of the proxy to $name', (row) => {
  const { provider, prefix, paths, mebibytes: most } = row;
  const app = useApp({ provider });
  let person: Person;

  beforeAll(async () => {
    person = await app.signUp();
    app.upstream.answerWith(async (request, response) => {
      request.resume();
      await once(request, 'end');
      response.end('ok');
    });
  });

  const tooLarge = row.envelope({
    type: 'request_too_large',
    message: expect.any(String),
    requestId: expect.any(String),
  });

  /** Sends `bytes` bytes in chunks, at the pace of the other side. */
  async function upload(path: string, bytes: number, { declared = true } = {}) {
    const request = httpRequest(app.proxyUrl + path, {
      method: 'POST',
      headers: {
        ...Object.fromEntries([row.tokenHeader(person.token)]),
        ...(declared && { 'content-length': bytes }),
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
    });
    let onRoom = (): void => undefined;
    request.on('drain', () => onRoom());
    request.on('close', () => onRoom());
    const chunk = Buffer.alloc(MIB, 'a');
    const hash = createHash('sha256');
    const sending = (async () => {
      for (let left = bytes; left > 0 && !request.destroyed; left -= chunk.length) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        hash.update(part);
        if (!request.write(part)) await new Promise((resume) => (onRoom = resume as () => void));
      }
      request.end();
    })();
    const response = await answered;
    const text = (await response.toArray()).join('');
    if (response.statusCode === 200) await sending;
    else request.destroy();
    return { status: response.statusCode, headers: response.headers, text, sha256: hash };
  }

  it.each([0, 1, (most - 1) * MIB, most * MIB])('passes a body of %i bytes', async (bytes) => {
    const { status, sha256 } = await upload(paths.message, bytes);
    expect(status).toBe(200);
    const body = await app.upstream.last.body;
    expect(body.bytes).toBe(bytes);
    expect(body.sha256).toBe(sha256.digest('hex'));
  });

  it('passes a body of unknown length up to the limit', async () => {
    const { status, sha256 } = await upload(paths.message, most * MIB, { declared: false });
    expect(status).toBe(200);
    expect((await app.upstream.last.body).sha256).toBe(sha256.digest('hex'));
  });

  it('refuses a declared length above the limit before the upstream hears of it', async () => {
    const before = app.upstream.requests.length;
    const { status, headers, text } = await upload(paths.message, most * MIB + 1);
    expect(status).toBe(413);
    expect(headers[row.noRetry.split(': ')[0]!]).toBe(row.noRetry.split(': ')[1]);
    expect(JSON.parse(text)).toEqual(tooLarge);
    expect(app.upstream.requests).toHaveLength(before);
  });

  it('cuts a body of unknown length off at the limit: the upstream never gets the whole of it', async () => {
    const { status, text } = await upload(paths.message, (most + 2) * MIB, { declared: false });
    expect(status).toBe(413);
    expect(JSON.parse(text)).toEqual(tooLarge);
    await expect(app.upstream.last.body).rejects.toThrow('cut off');
  });

  it.each([...row.mebibytesByPath])('allows on %s %i MiB', async (path, mebibytes) => {
    const head = (length: number): string =>
      `POST ${prefix}${path} HTTP/1.1\r\nHost: x\r\n${row.tokenHeader(person.token).join(': ')}\r\nContent-Length: ${length}\r\n\r\n`;
    const over = await sendRaw(app.port, head(mebibytes * MIB + 1), { until: isComplete });
    expect(over.status).toBe(413);
    const arrival = app.upstream.arrival();
    const within = sendRaw(app.port, `${head(mebibytes * MIB)}the beginning`, {
      until: () => true,
      within: 300,
    }).catch(() => undefined);
    await arrival; // it is on its way to the upstream, and the rest is awaited
    await within;
  });

  describe('lets a client read the refusal that sends 20 MB before it looks', () => {
    const body = Buffer.alloc(20 * 1000 * 1000, 'a');
    const head = (version: string, token: string, ...lines: string[]): string =>
      [
        `POST ${prefix}${paths.message} HTTP/${version}`,
        'Host: x',
        row.tokenHeader(token).join(': '),
        `Content-Length: ${body.length}`,
        ...lines,
        '',
        '',
      ].join('\r\n');

    it.each<[string, number, () => string]>([
      ['and keeps the connection', 401, () => head('1.1', 'tvs_wrong')],
      ['and closes the connection', 401, () => head('1.1', 'tvs_wrong', 'Connection: close')],
      ['over HTTP/1.0', 401, () => head('1.0', 'tvs_wrong')],
      [
        'when the refusal is the upstream’s, early, and the connection closes',
        418,
        () => head('1.1', person.token, 'Connection: close'),
      ],
      [
        'when the refusal is the upstream’s, early, and the connection stays',
        418,
        () => head('1.1', person.token),
      ],
    ])('%s', async (_name, status, make) => {
      app.upstream.answerWith(
        (_request, response) => void response.writeHead(418, { 'content-length': 2 }).end('no'),
      );
      const socket = await openSocket(app.port);
      socket.pause(); // looks when it has sent all
      const sent = new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.write(Buffer.concat([Buffer.from(make()), body]), (error) =>
          error ? reject(error) : resolve(),
        );
      });
      await sent;
      const answer = await readRaw(socket, isComplete);
      expect(answer.status).toBe(status);
      expect(answer.reset).toBe(false);
    });
  });
});
