import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import routes from '../web/src/app/routes.json';
import { pageAt, PATHS } from '../web/src/app/routes';
import { TestApp } from './support/app';
import { sendRaw } from './support/raw-http';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** Needs web/dist, which `npm test` builds. */
describe('the files of the web pages', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const get = (path: string, headers: Record<string, string> = HTML): request.Test =>
    request(app.server).get(path).set(headers);

  it.each(Object.values(routes).map((path) => path.replace(':org', 'acme-2')))(
    '%s is one document, with a query, with or without the slash at the end, and never from a cache',
    async (path) => {
      expect(pageAt(path).name).not.toBe('not-found');
      const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
      const variants = [path, `${path}?user_code=BCDF-GHJK`, other];
      for (const variant of variants) {
        const { text, headers } = await get(variant)
          .expect(200)
          .expect('content-type', /^text\/html/);
        expect(text).toContain('<div id="app">');
        expect(headers['cache-control']).toBe('no-store');
      }
    },
  );

  it('hold no inline script and no inline style, and nothing of another origin', async () => {
    const { text, headers } = await get(PATHS.myKeys);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc="\/(assets\/|appearance\.js))/);
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    expect(text).not.toMatch(/(src|href)="(?!\/(assets\/|appearance|favicon|api\/docs))/);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
    );
  });

  it('are kept for good where the name has a hash of what is in them', async () => {
    const assets = readdirSync(join(__dirname, '../web/dist/assets'));
    expect(assets.length).toBeGreaterThanOrEqual(2);
    for (const name of assets) {
      const { headers } = await get(`/assets/${name}`).expect(200);
      expect(name).toMatch(/-[\w-]{8}\.(js|css)(\.br|\.gz)?$/);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect((await get('/favicon.svg').expect(200)).headers['cache-control']).toBe('no-cache');
  });

  it.each<Record<string, string>>([
    { 'if-match': '"x"' },
    { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
    { range: 'bytes=9999999-' },
    { range: 'bytes=0-1' },
  ])('are whole also for a request with %j', async (header) => {
    const [name] = readdirSync(join(__dirname, '../web/dist/assets'));
    for (const path of [`/assets/${name!}`, PATHS.myKeys])
      await get(path, { ...HTML, ...header }).expect(200);
    const missing = await get('/assets/none.js', { ...HTML, ...header }).expect(404);
    expect(missing.headers['cache-control']).toBe('no-store');
  });

  it('answer HEAD, and no method that changes something', async () => {
    await request(app.server).head(PATHS.myKeys).expect(200).expect('content-type', /html/);
    for (const method of ['post', 'put', 'delete'] as const)
      await request(app.server)[method](PATHS.myKeys).expect(404);
  });

  it('have a page for an address that is not there, and tools get JSON', async () => {
    for (const path of ['/nothing', '/me', '/orgs/acme', '/assets/gone.js', '/orgs/..%2f/api-keys/x']) {
      expect((await get(path).expect(404)).text).toContain('<div id="app">');
      const { body } = await get(path, { accept: '*/*' }).expect(404);
      expect(body).toMatchObject({ statusCode: 404, message: expect.stringContaining('There is no GET') });
    }
  });

  it.each(['/api/v1/nothing', '/api', '/health/nothing'])('leave %s to the API', async (path) => {
    expect((await get(path).expect(404)).body).toMatchObject({ statusCode: 404 });
  });

  it.each(['/API/v1/server', '/api/V1/server', '/HEALTH/live', '/API/docs'])(
    'are no more than the API at %s, which a gate in front would not take for /api or /health',
    async (path) => {
      await get(path, { accept: '*/*' }).expect(404);
    },
  );

  it('leave the proxy alone', async () => {
    await get('/proxy/anthropic/me/keys/').expect(401).expect('content-type', 'application/json');
  });

  it.each([
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/.git/config',
  ])('%s does not lead out of the folder', async (path) => {
    const { text } = await get(path, { accept: '*/*' }).expect(404);
    expect(text).not.toContain('"scripts"');
  });

  // To resolve twenty thousand dot segments, which a head has room for, would stop everybody's streams for a quarter of a second.
  it.each([
    '/assets/../favicon.svg',
    '/./favicon.svg',
    '/assets/%2e%2e/favicon.svg',
    '/assets//../favicon.svg',
  ])('are looked for by their names alone, and not at %s', async (path) => {
    const { status } = await sendRaw(
      app.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(status).toBe(404);
  });
});

describe('what the pages ask before anybody is signed in', () => {
  it('tells the addresses that are configured, who may sign up, and whether anybody has', async () => {
    const app = await TestApp.start({ env: { TRACEVAULT_PUBLIC_URL: 'https://vault.example.com' } });
    const about = async (): Promise<unknown> => {
      const response = await fetch(`${app.url}/api/v1/server`, {
        headers: { 'x-forwarded-host': 'evil.example.com' },
      });
      return response.json();
    };
    const configured = {
      public_url: 'https://vault.example.com',
      proxy_base_url: 'https://vault.example.com/proxy/anthropic',
      registration: 'open',
    };
    expect(await about()).toEqual({ ...configured, first_start: true });
    await app.signUp(null);
    expect(await about()).toEqual({ ...configured, first_start: false });
    await app.close();
  });
});
