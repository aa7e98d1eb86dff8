import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { useApp } from './support/app';

interface Operation {
  summary?: string;
  responses: Record<string, { content?: Record<string, { example?: unknown; schema?: { $ref?: string } }> }>;
  requestBody?: { content: Record<string, { example?: unknown; schema: { $ref?: string } }> };
  security?: Record<string, unknown>[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, { properties?: Record<string, { example?: unknown }> }>;
    securitySchemes: object;
  };
}

describe('the API explorer', () => {
  const app = useApp();
  let document: Document;

  beforeAll(async () => {
    document = (await request(app.server).get('/api/docs-json').expect(200)).body as Document;
  });

  it('is a page at /api/docs that works under its own security policy: no inline script', async () => {
    const { text, headers } = await request(app.server)
      .get('/api/docs')
      .expect(200)
      .expect('content-type', /html/);
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>\s*\S/);
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      await request(app.server).get(new URL(path!, 'http://x/api/docs').pathname).expect(200);
    }
  });

  it('serves nothing that its page does not load: no version of its software, no file beside', async () => {
    const pages = await Promise.all(
      ['/api/docs', '/api/docs/'].map(async (path) => (await request(app.server).get(path).expect(200)).text),
    );
    const loaded = pages.flatMap((text) =>
      [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!.split('/').at(-1)!),
    );
    const files = readdirSync(join(__dirname, '../node_modules/swagger-ui-dist'));
    expect(files).toContain('package.json');
    for (const file of [...files, 'swagger-ui-init.js', 'package%2ejson', './package.json', 'nothing']) {
      const isLoaded = loaded.includes(file);
      const { status, body } = await request(app.server).get(`/api/docs/${file}`);
      expect([file, status]).toEqual([file, isLoaded ? 200 : 404]);
      if (!isLoaded)
        expect(body).toEqual({
          statusCode: 404,
          error: 'Not Found',
          message: expect.any(String),
          errors: [{ code: 'not_found', message: expect.any(String) }],
        });
      const others = [
        `/api/docs/docs/${file}`,
        `/api/docs//${file}`,
        ...(isLoaded ? [] : [`/API/DOCS/${file}`]),
      ];
      for (const other of others)
        expect([other, (await request(app.server).get(other)).status]).toEqual([other, 404]);
    }
  });

  it('lists every endpoint', () => {
    expect(
      Object.entries(document.paths)
        .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
        .sort(),
    ).toEqual(
      [
        'POST /api/v1/auth/register',
        'POST /api/v1/auth/login',
        'POST /api/v1/auth/logout',
        'PUT /api/v1/auth/password',
        'POST /api/v1/auth/device/authorize',
        'POST /api/v1/auth/device/token',
        'POST /api/v1/auth/device/preview',
        'POST /api/v1/auth/device/approve',
        'GET /api/v1/auth/me',
        'PATCH /api/v1/auth/me',
        'POST /api/v1/auth/me/delete',
        'PATCH /api/v1/orgs/{org}',
        'PATCH /api/v1/orgs/{org}/members/{id}',
        'DELETE /api/v1/orgs/{org}/members/me',
        'GET /api/v1/auth/sessions',
        'DELETE /api/v1/auth/sessions/{id}',
        'GET /api/v1/orgs/{org}/api-keys',
        'POST /api/v1/orgs/{org}/api-keys',
        'DELETE /api/v1/orgs/{org}/api-keys/{id}',
        'GET /api/v1/orgs/{org}/members',
        'DELETE /api/v1/orgs/{org}/members/{id}',
        'POST /api/v1/orgs/{org}/members/{id}/deactivate',
        'POST /api/v1/orgs/{org}/members/{id}/reactivate',
        'DELETE /api/v1/orgs/{org}',
        'GET /api/v1/orgs/{org}/invites',
        'POST /api/v1/orgs/{org}/invites',
        'DELETE /api/v1/orgs/{org}/invites/{id}',
        'POST /api/v1/invites/accept',
        'GET /api/v1/me/audit-events',
        'GET /api/v1/orgs/{org}/audit-events',
        'GET /api/v1/orgs/{org}/audit-events.csv',
        'GET /api/v1/me/keys',
        'PUT /api/v1/me/keys/{provider}',
        'DELETE /api/v1/me/keys/{provider}',
        'GET /api/v1/orgs/{org}/keys',
        'PUT /api/v1/orgs/{org}/keys/{provider}',
        'DELETE /api/v1/orgs/{org}/keys/{provider}',
        'GET /api/v1/me/anthropic-key',
        'PUT /api/v1/me/anthropic-key',
        'DELETE /api/v1/me/anthropic-key',
        'GET /api/v1/me/proxy-tokens',
        'POST /api/v1/me/proxy-tokens',
        'PATCH /api/v1/me/proxy-tokens/{id}',
        'DELETE /api/v1/me/proxy-tokens/{id}',
        'GET /api/v1/providers',
        ...['me', 'orgs/{org}'].flatMap((whose) =>
          ['usage', 'usage.csv', 'calls', 'calls.csv', 'calls/{id}'].map(
            (what) => `GET /api/v1/${whose}/${what}`,
          ),
        ),
        ...['me', 'orgs/{org}'].flatMap((whose) =>
          ['traces', 'traces/{id}'].map((what) => `GET /api/v1/${whose}/${what}`),
        ),
        ...['me', 'orgs/{org}'].flatMap((whose) =>
          ['calls/{call}', 'calls/{call}/request', 'calls/{call}/response', 'export'].map(
            (what) => `GET /api/v1/${whose}/traces/{id}/${what}`,
          ),
        ),
        'DELETE /api/v1/me/traces/{id}',
        'DELETE /api/v1/me/traces',
        'GET /api/v1/seals/key',
        'GET /api/v1/orgs/{org}/seals',
        'GET /api/v1/orgs/{org}/seals.jsonl',
        'GET /api/v1/me/capture',
        'PUT /api/v1/me/capture',
        'GET /api/v1/me/limits',
        'GET /api/v1/orgs/{org}/limits',
        'GET /api/v1/orgs/{org}/limits/effective',
        'POST /api/v1/orgs/{org}/limits',
        'PATCH /api/v1/orgs/{org}/limits/{id}',
        'DELETE /api/v1/orgs/{org}/limits/{id}',
        'GET /api/v1/prices',
        'GET /api/v1/server',
        'GET /health/live',
        'GET /health/ready',
        'POST /proxy/anthropic/v1/messages',
        'POST /proxy/anthropic/v1/messages/count_tokens',
        'GET /proxy/anthropic/v1/models',
        ...['openai', 'openrouter'].flatMap((id) => [
          `POST /proxy/${id}/v1/responses`,
          `POST /proxy/${id}/v1/chat/completions`,
          `GET /proxy/${id}/v1/models`,
        ]),
        'POST /proxy/gemini/v1beta/models/gemini-2.5-flash:generateContent',
        'POST /proxy/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent',
        'GET /proxy/gemini/v1beta/models',
        ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].flatMap((method) =>
          ['anthropic', 'openai', 'gemini', 'openrouter'].map((id) => `${method} /proxy/${id}/{path}`),
        ),
      ].sort(),
    );
  });

  it('tells of each endpoint what it is for, its answers, its refusals and an example', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const where = `${method} ${path}`;
        expect([where, operation.summary]).toEqual([where, expect.stringMatching(/\w+/)]);
        const statuses = Object.keys(operation.responses);
        expect([where, statuses.some((status) => status.startsWith('2'))]).toEqual([where, true]);
        if (!path.startsWith('/health'))
          expect([where, statuses.some((status) => status.startsWith('4'))]).toEqual([where, true]);
        for (const media of Object.values(operation.requestBody?.content ?? {})) {
          expect([where, media.example ?? examplesOf(media.schema.$ref)]).toEqual([where, expect.anything()]);
        }
      }
    }
  });

  it('offers both ways to authenticate on the proxy, and Bearer on the API', () => {
    expect(document.components.securitySchemes).toEqual({
      bearer: expect.objectContaining({ type: 'http', scheme: 'bearer' }),
      'x-api-key': expect.objectContaining({ type: 'apiKey', in: 'header', name: 'x-api-key' }),
      'x-goog-api-key': expect.objectContaining({ type: 'apiKey', in: 'header', name: 'x-goog-api-key' }),
    });
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        if (path.startsWith('/proxy')) expect(operation.security?.at(-1)).toEqual({ bearer: [] });
        if (path.startsWith('/proxy/anthropic')) expect(operation.security?.[0]).toEqual({ 'x-api-key': [] });
      }
    }
    expect(document.paths['/api/v1/me/anthropic-key']!.get!.security).toEqual([{ bearer: [] }]);
  });

  function examplesOf(ref: string | undefined): unknown {
    const schema = document.components.schemas[ref?.split('/').at(-1) ?? ''];
    return Object.values(schema?.properties ?? {}).find(({ example }) => example !== undefined);
  }
});
