import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { IncomingMessage, request as httpRequest, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Person, useApp } from './support/app';
import { PROVIDERS_UNDER_TEST } from './support/providers';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.each(PROVIDERS_UNDER_TEST)(
  'bytes through the proxy to $name',
  ({ provider, tokenHeader, paths }) => {
    const app = useApp({ provider });
    let person: Person;

    beforeAll(async () => {
      person = await app.signUp();
    });

    const asPerson = (): Record<string, string> => Object.fromEntries([tokenHeader(person.token)]);

    /** With node:http, which touches neither body nor encoding. */
    async function exchange(path: string, headers: Record<string, string>, body?: Buffer) {
      return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
        (resolve, reject) => {
          const request = httpRequest(
            app.proxyUrl + path,
            { method: body ? 'POST' : 'GET', headers: { ...asPerson(), ...headers } },
            (response) => {
              const chunks: Buffer[] = [];
              response.on('data', (chunk: Buffer) => chunks.push(chunk));
              response.on('error', reject);
              response.on('end', () =>
                resolve({
                  status: response.statusCode!,
                  headers: response.headers,
                  body: Buffer.concat(chunks),
                }),
              );
            },
          );
          request.on('error', reject);
          request.end(body);
        },
      );
    }

    const plain = Buffer.from(
      JSON.stringify({ text: 'x'.repeat(5_000), noise: randomBytes(2_000).toString('hex') }),
    );
    // Node 20 can't make zstd; the proxy must not care what the bytes are.
    const zstdLike = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), randomBytes(3_000)]);
    const encodings: [string, Buffer][] = [
      ['identity', plain],
      ['gzip', gzipSync(plain)],
      ['br', brotliCompressSync(plain)],
      ['zstd', zstdLike],
    ];

    it.each(encodings)(
      'returns a %s body unchanged, with the encoding and length that belong to it',
      async (encoding, bytes) => {
        app.upstream.answerWith((_request, response) => {
          response.writeHead(200, {
            'content-type': 'application/json',
            'content-encoding': encoding,
            'content-length': bytes.length,
          });
          response.end(bytes);
        });
        const answer = await exchange(paths.list, { 'accept-encoding': 'gzip, br, zstd' });
        expect(sha256(answer.body)).toBe(sha256(bytes));
        expect(answer.headers['content-encoding']).toBe(encoding);
        expect(answer.headers['content-length']).toBe(String(bytes.length));
        expect(app.upstream.last.headers['accept-encoding']).toBe('gzip, br, zstd');
      },
    );

    it.each(encodings)('sends a %s request body unchanged', async (encoding, bytes) => {
      app.upstream.answerWith(async (request, response) => {
        request.resume();
        await app.upstream.last.body;
        response.end();
      });
      await exchange(
        paths.message,
        { 'content-encoding': encoding, 'content-type': 'application/json' },
        bytes,
      );
      const { headers, body } = app.upstream.last;
      expect((await body).sha256).toBe(sha256(bytes));
      expect(headers['content-encoding']).toBe(encoding);
      expect([headers['content-length'], headers['transfer-encoding']]).toEqual([
        String(bytes.length),
        undefined,
      ]);
    });

    it.each([
      ['odd whitespace and key order', '{ "b":1 ,\n\t"a" : 2}  \n'],
      ['20-digit numbers', '{"n":12345678901234567890,"f":1.00}'],
      ['duplicate keys', '{"a":1,"a":2}'],
      ['invalid JSON', '{"a":1,,}'],
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]).toString('latin1')],
      ['an empty object', '{}'],
    ])('never parses the body: %s arrives as sent', async (_name, text) => {
      app.upstream.answerWith(async (request, response) => {
        request.resume();
        await app.upstream.last.body;
        response.end();
      });
      const bytes = Buffer.from(text, 'latin1');
      await exchange(
        paths.message,
        { 'content-type': 'application/json', 'content-length': String(bytes.length) },
        bytes,
      );
      expect((await app.upstream.last.body).start.equals(bytes)).toBe(true);
    });

    it('gives a reader that stood still every byte, when it reads on', async () => {
      const bytes = randomBytes(30_000_000);
      let source: ServerResponse | undefined;
      app.upstream.answerWith((_request, response) => {
        source = response;
        response.end(bytes);
      });
      const headers = asPerson();
      const [response] = (await once(
        httpRequest(app.proxyUrl + paths.download, { headers }).end(),
        'response',
      )) as [IncomingMessage];
      for (let left = -1; left !== source!.writableLength;) {
        left = source!.writableLength;
        await sleep(100);
      }
      expect(source!.writableLength).toBeGreaterThan(0); // it is held back, and not in the proxy's memory
      const hash = createHash('sha256');
      for await (const chunk of response) hash.update(chunk as Buffer);
      expect(hash.digest('hex')).toBe(sha256(bytes));
    });

    it('gives a reader that stood still what was left in the proxy when the upstream was through', async () => {
      let passing: ServerResponse | undefined;
      app.server.once(
        'request',
        (_request: IncomingMessage, response: ServerResponse) => (passing = response),
      );
      const sent: Buffer[] = [];
      let isThrough = false;
      app.upstream.answerWith((_request, response) => {
        const more = (): void => {
          if (passing!.writableLength === 0 && sent.length < 10_000) {
            sent.push(randomBytes(4_096));
            response.write(sent.at(-1));
            setTimeout(more, 1);
          } else response.end(() => (isThrough = true));
        };
        more();
      });
      const headers = asPerson();
      const [response] = (await once(
        httpRequest(app.proxyUrl + paths.download, { headers }).end(),
        'response',
      )) as [IncomingMessage];
      while (!isThrough) await sleep(10);
      await sleep(200);
      expect(passing!.writableLength).toBeGreaterThan(0);
      const hash = createHash('sha256');
      for await (const chunk of response) hash.update(chunk as Buffer);
      expect(hash.digest('hex')).toBe(sha256(Buffer.concat(sent)));
    }, 30_000);

    it('decompresses nothing on the way to a client that did not ask for compression', async () => {
      app.upstream.answerWith((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync(plain));
      });
      const answer = await exchange(paths.list, {});
      expect(answer.body.equals(gzipSync(plain))).toBe(true);
      expect(app.upstream.last.headers['accept-encoding']).toBeUndefined();
    });
  },
);
