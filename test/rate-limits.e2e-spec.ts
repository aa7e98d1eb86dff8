import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { ModulesContainer } from '@nestjs/core';
import { PUBLIC_METADATA } from '../src/api/public';
import { TestApp } from './support/app';

/** Every handler that is open to strangers, as Nest knows them; the proxy has limits of its own, health checks none. */
function publicHandlers({ app }: TestApp): [string, string][] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((one) => [...one.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as unknown as { prototype: object };
    const handlers = Object.getOwnPropertyNames(controller.prototype)
      .map((name) => (controller.prototype as Record<string, object>)[name]!)
      .filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler));
    return handlers
      .filter((handler) => [handler, controller].some((one) => Reflect.getMetadata(PUBLIC_METADATA, one)))
      .map((handler): [string, string] => {
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]!;
        const paths = [controller, handler].map((one) => Reflect.getMetadata(PATH_METADATA, one) as string);
        return [method, `/${paths.join('/')}`.replaceAll(/\/+/g, '/')];
      })
      .filter(([, path]) => !/^\/(proxy|health)(\/|$)/.test(path));
  });
}

describe('rate limits', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await TestApp.start({ adjust: (config) => ({ ...config, rateLimits: true }) });
  });
  afterEach(() => app.close());

  const login = (email: string) =>
    app.api('POST', 'auth/login', { body: { email, password: 'wrong password' } });

  it('hold for signing in to one account, whatever the case of its email, and say when to come back', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++)
      statuses.push((await login(attempt % 2 ? 'a@example.com' : 'A@Example.com')).status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    const refused = await login('a@example.com');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      statusCode: 429,
      error: 'Too Many Requests',
      message: expect.stringContaining('Wait'),
    });
    expect((await login('b@example.com')).status).toBe(401);
  });

  it('hold for signing in from one address', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 31 }, async (_, n) => (await login(`user${n}@example.com`)).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('do not count the email of an invite for a sign-in', async () => {
    const { token, org } = await app.signUp(null);
    for (let n = 0; n < 12; n++) {
      const body = { role: 'developer', email: 'grace@example.com' };
      expect((await app.api('POST', `orgs/${org}/invites`, { token, body })).status).toBe(201);
    }
  });

  it('hold for every endpoint that is open to strangers', async () => {
    const open = publicHandlers(app);
    expect(open.map(([, path]) => path)).toEqual(
      expect.arrayContaining(['/api/v1/auth/login', '/api/v1/auth/device/token', '/api/v1/server/']),
    );
    const explorer = ['/api/docs', '/api/docs/', '/api/docs-json', '/api/docs/swagger-ui-init.js'];
    for (const [method, path] of [...open, ...explorer.map((one) => ['GET', one] as const)]) {
      const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
      const ask = () => fetch(app.url + path, { method, ...body });
      const statuses = new Set<number>();
      for (let asked = 0; asked <= 300 && !statuses.has(429); asked += 50)
        for (const { status } of await Promise.all(Array.from({ length: 51 }, ask))) statuses.add(status);
      expect([path, [...statuses]]).toEqual([path, expect.arrayContaining([429])]);
    }
  });

  it('hold for bodies that no handler sees', async () => {
    const broken = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: '{' };
      return (await fetch(`${app.url}/api/v1/auth/device/token`, init)).status;
    };
    const statuses = await Promise.all(Array.from({ length: 305 }, broken));
    expect(statuses.filter((status) => status === 400)).toHaveLength(300);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });

  it('hold for /api as a whole', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 301 }, async () => (await fetch(`${app.url}/api/v1/auth/me`)).status),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('are not escaped by a forged X-Forwarded-For', async () => {
    const forged = async (n: number): Promise<number> => {
      const headers = { 'x-forwarded-for': `10.0.${n >> 8}.${n & 255}` };
      return (await fetch(`${app.url}/api/v1/auth/me`, { headers })).status;
    };
    const statuses = await Promise.all(Array.from({ length: 301 }, (_, n) => forged(n)));
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('count each client behind a trusted proxy by itself', async () => {
    const behind = await TestApp.start({
      env: { TRUST_PROXY: 'loopback' },
      adjust: (config) => ({ ...config, rateLimits: true }),
    });
    const from = async (address: string): Promise<number> =>
      (await fetch(`${behind.url}/api/v1/auth/me`, { headers: { 'x-forwarded-for': address } })).status;
    for (let n = 0; n < 300; n++) await from('10.0.0.1');
    expect(await from('10.0.0.1')).toBe(429);
    expect(await from('10.0.0.2')).toBe(401);
    await behind.close();
  });

  it('never hold for the proxy, nor for health checks', async () => {
    const { token } = await app.signUp();
    const calls = Array.from({ length: 400 }, async () => {
      const response = await fetch(`${app.proxyUrl}/v1/models`, { headers: { 'x-api-key': token } });
      await response.arrayBuffer();
      return response.status;
    });
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    const checks = Array.from({ length: 350 }, async () => (await fetch(`${app.url}/health/live`)).status);
    expect(new Set(await Promise.all(checks))).toEqual(new Set([200]));
  });
});
