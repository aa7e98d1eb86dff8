import { readdirSync, readFileSync } from 'node:fs';
import { IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { TestApp } from './support/app';

const DIST = join(__dirname, '../web/dist');
const script = readdirSync(join(DIST, 'assets')).find((name) => /^index-.*\.js$/.test(name))!;

const DECODERS = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Buffer) => bytes };

const FILES: readonly [string, string, Buffer, string][] = [
  ['a script', `/assets/${script}`, readFileSync(join(DIST, 'assets', script)), 'text/javascript'],
  ['a page', '/me/tokens/', readFileSync(join(DIST, 'index.html')), 'text/html'],
  ['the icon', '/favicon.svg', readFileSync(join(DIST, 'favicon.svg')), 'image/svg+xml'],
];
const ACCEPTED: readonly [string | undefined, keyof typeof DECODERS][] = [
  ['gzip, deflate, br, zstd', 'br'], // what browsers send
  ['br;q=0.5, gzip', 'br'],
  ['gzip, deflate', 'gzip'],
  ['GZIP', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['br;q=0, gzip;q=0', 'none'],
  ['identity', 'none'],
  ['zstd', 'none'],
  ['', 'none'],
  [undefined, 'none'],
];

/** Needs web/dist, which `npm test` builds. */
describe('the encodings of the web pages’ files', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  async function get(path: string, headers: Record<string, string>, method = 'GET') {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(app.url + path, { method, headers }, resolve)
        .on('error', reject)
        .end();
    });
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
  }

  describe.each(FILES)('of %s', (_what, path, content, type) => {
    it.each(ACCEPTED)('for “Accept-Encoding: %s” is %s, of the same content', async (accepted, encoding) => {
      const answer = await get(path, accepted === undefined ? {} : { 'accept-encoding': accepted });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-encoding'] ?? 'none').toBe(encoding);
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
      expect(DECODERS[encoding](answer.body).equals(content)).toBe(true);
      expect(answer.headers['content-type']).toContain(type);
      expect(answer.headers.vary).toBe('Accept-Encoding');
      if (encoding !== 'none') expect(answer.body.length).toBeLessThan(content.length);
    });

    it('is announced by HEAD as by GET', async () => {
      const accepted = { 'accept-encoding': 'br' };
      const [head, whole] = [await get(path, accepted, 'HEAD'), await get(path, accepted)];
      for (const name of [
        'content-encoding',
        'content-length',
        'content-type',
        'etag',
        'vary',
        'cache-control',
      ])
        expect([name, head.headers[name]]).toEqual([name, whole.headers[name]]);
      expect(head.body.length).toBe(0);
    });
  });

  it('have each an ETag of its own, so that a copy in one encoding is not taken for another', async () => {
    const path = `/assets/${script}`;
    const etags = await Promise.all(
      ['br', 'gzip', 'identity'].map(
        async (accepted) => (await get(path, { 'accept-encoding': accepted })).headers.etag,
      ),
    );
    expect(new Set(etags).size).toBe(3);
    const kept = { 'accept-encoding': 'br', 'if-none-match': etags[0]! };
    expect((await get(path, kept)).status).toBe(304);
    expect((await get(path, { ...kept, 'accept-encoding': 'gzip' })).status).toBe(200);
  });
});
