import { NestExpressApplication } from '@nestjs/platform-express';
import { OpenAPIObject } from '@nestjs/swagger';
import { randomBytes } from 'node:crypto';
import { Agent, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, QueryRunner } from 'typeorm';
import { PasswordHasher } from '../../src/accounts/password-hasher';
import { AuthCaches } from '../../src/cache/auth-caches';
import { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/env';
import { apiDocument } from '../../src/api/explorer';
import { createApp } from '../../src/create-app';
import { createLogger } from '../../src/logging/logger';
import { CallEntity } from '../../src/metering/call.entity';
import { ANTHROPIC } from '../../src/providers/anthropic';
import { Provider } from '../../src/providers/provider';
import { PROVIDERS } from '../../src/providers/providers';
import { introduce } from '../../src/proxy/proxy.openapi';
import { UpstreamConnections } from '../../src/proxy/upstream-connections';
import { freshDatabase } from './database';
import { FakeAnthropic } from './fake-anthropic';
import { FakeS3 } from './fake-s3';
import { assertListed } from './listed-errors';

/** Tests seal when they want to: by itself the server does each minute. */
const DAY_MS = 86_400_000;

/** The API's document, which all servers of a test file have in common but for the address in its description. */
let knownDocument: OpenAPIObject | undefined;

/** Whether servers keep content in buckets unless their options say otherwise. */
let isInBuckets = false;

/** Has all servers of a test file keep what agents say in a bucket, each in one of its own. */
export function keepInBuckets(): void {
  isInBuckets = true;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** Adjusts the configuration where no environment variable exists. */
  readonly adjust?: (config: Config) => Config;
  /** The port to listen on, for tests that follow the URLs which the server shows; 0 for any free port. */
  readonly port?: number;
  /** Adjusts the HTTP server before it listens. */
  readonly tune?: (server: Server) => void;
  /** The provider under test; a row that is not in the table is added to it. */
  readonly provider?: Provider;
  /** A table of providers that replaces the real one. */
  readonly providers?: typeof PROVIDERS;
}

type LogLine = Record<string, unknown>;

/** The real server on a free port, with its own database, in front of a fake upstream. */
export class TestApp {
  /** The Nest application. Like the other parts, it exists once the server has started. */
  app!: NestExpressApplication;
  upstream!: FakeAnthropic;
  /** The store of what agents say, where that is not the data directory. */
  bucket: FakeS3 | undefined;
  private readonly lines: string[] = [];

  constructor(private readonly options: Options = {}) {}

  static async start(options: Options = {}): Promise<TestApp> {
    const app = new TestApp(options);
    await app.listen();
    return app;
  }

  /** The provider under test. */
  get provider(): Provider {
    return this.options.provider ?? ANTHROPIC;
  }

  async listen(): Promise<void> {
    const { env, adjust = (config) => config, port = 0, tune } = this.options;
    const { providers = withRow(this.provider) } = this.options;
    this.upstream = await FakeAnthropic.start();
    if (isInBuckets) this.bucket = await FakeS3.start();
    const database = await freshDatabase();
    const config = loadConfig({
      ...database,
      ...(port !== 0 && { PORT: String(port) }),
      LOG_LEVEL: 'debug',
      TRACEVAULT_REGISTRATION: 'open', // tests sign up many users, also on a server that other machines can reach
      TRACEVAULT_ANTHROPIC_UPSTREAM: this.upstream.url,
      ...this.bucket?.env,
      ...env,
    });
    const logger = createLogger(config.logLevel, { write: (line) => this.lines.push(line) });
    // So that no test sends anything to a real provider; a variable says where Anthropic is.
    const others = providers.filter(({ id }) => id !== ANTHROPIC.id);
    const here = Object.fromEntries(others.map(({ id }) => [id, this.upstream.url]));
    const upstream = { ...config.upstream, baseUrls: { ...here, ...config.upstream.baseUrls } };
    this.app = await createApp(
      adjust({ ...config, upstream, rateLimits: false, documentAtStart: false, sealMs: DAY_MS }),
      logger,
      providers,
    ).catch(async (error: unknown) => {
      await this.upstream.close();
      throw error;
    });
    tune?.(this.app.getHttpServer());
    await this.app.listen(port, '127.0.0.1');
  }

  get server(): Server {
    return this.app.getHttpServer();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get proxyUrl(): string {
    return this.url + this.provider.prefix;
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  /** Invalidates the auth cache, as on another replica's change, after a test has changed a row directly. */
  invalidateAuthCache(): void {
    this.app.get(AuthCaches).invalidateAll();
  }

  /** Takes every connection of the pool, so that queries wait. @returns a function that releases them. */
  async occupyDatabase(): Promise<() => Promise<void>> {
    const { master: pool } = this.dataSource.driver as unknown as { master: { options: { max: number } } };
    const take = async (): Promise<QueryRunner> => {
      const runner = this.dataSource.createQueryRunner();
      await runner.connect();
      return runner;
    };
    // Again where the database was slower than the pool waits, as on a busy machine.
    const taken = (): Promise<QueryRunner> => take().catch(take).catch(take).catch(take);
    const runners = await Promise.all(Array.from({ length: pool.options.max }, taken));
    return async () => {
      await Promise.all(runners.map((runner) => runner.release()));
    };
  }

  /** Occupies the password hasher, so that further passwords are refused. @returns a function that releases it. */
  occupyHasher(): () => void {
    const hasher = this.app.get(PasswordHasher, { strict: false });
    const leave: (() => void)[] = [];
    for (let place = hasher.enter(); place !== undefined; place = hasher.enter()) leave.push(place);
    return () => {
      for (const one of leave) one();
    };
  }

  /** The agent with the proxy's connections to the upstream, busy and idle. */
  get upstreamAgent(): Agent {
    return this.app.get(UpstreamConnections, { strict: false }).to(this.provider).upstream.agent;
  }

  /** The whole log, as text. */
  get log(): string {
    return this.lines.join('');
  }

  /** Resolves with the log line of the n-th request (from 1) whose path starts with `path`, as soon as it is written. */
  async requestLine(path: string, count = 1): Promise<LogLine> {
    for (let waited = 0; waited <= 10_000; waited += 5) {
      const lines = this.lines
        .map((line) => JSON.parse(line) as LogLine)
        .filter((line) => line.msg === 'request' && String(line.path).startsWith(path));
      if (lines.length >= count) return lines[count - 1] as LogLine;
      await sleep(5);
    }
    throw new Error(`No log line ${count} for ${path}`);
  }

  /** The API's OpenAPI document, as served at /api/docs-json, without the proxy's endpoints. */
  get document(): OpenAPIObject {
    knownDocument ??= apiDocument(this.app, this.url, introduce(ANTHROPIC));
    return knownDocument;
  }

  /** Calls the API, and asserts that an error response is one that the endpoint documents. */
  async api(method: string, path: string, { token, body, headers }: ApiOptions = {}): Promise<Response> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const called = { method, path: `/api/v1/${path.replace(/\?.*/, '')}` };
    if (response.status >= 400) await assertListed(this.document, called, response);
    return response;
  }

  /** Signs up a new user, with a stored key for the provider under test unless `apiKey` is null. */
  async signUp(
    apiKey: string | null = `${this.provider.key.prefix || 'own-'}${randomBytes(8).toString('hex')}`,
  ): Promise<Person> {
    const email = `${randomBytes(6).toString('hex')}@example.com`;
    const password = `pass word ${randomBytes(6).toString('hex')}`;
    const body = { email, password, org_name: `org ${randomBytes(6).toString('hex')}` };
    const response = await this.api('POST', 'auth/register', { body });
    if (response.status !== 201)
      throw new Error(`Signing up failed: ${response.status} ${await response.text()}`);
    const { token, user_id, org_name } = (await response.json()) as Record<string, string>;
    if (apiKey !== null) await this.storeKey(token!, apiKey);
    return {
      email,
      password,
      token: token!,
      userId: user_id!,
      org: org_name!,
      apiKey: apiKey ?? '',
    };
  }

  async storeKey(token: string, key: string, providerId = this.provider.id): Promise<void> {
    const response = await this.api('PUT', `me/keys/${providerId}`, { token, body: { key } });
    if (response.status !== 204) throw new Error(`Storing the key failed: ${response.status}`);
  }

  /** Resolves with the ledger's rows of the person's calls, the oldest first, once there are as many. */
  async calls({ userId }: { userId: string }, count = 1): Promise<CallEntity[]> {
    for (let waited = 0; waited <= 10_000; waited += 20) {
      const rows = await this.dataSource
        .getRepository(CallEntity)
        .find({ where: { userId }, order: { at: 'ASC', id: 'ASC' } });
      if (rows.length >= count) return rows;
      await sleep(20);
    }
    throw new Error(`The ledger has fewer than ${count} calls`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await this.app.close();
    await this.upstream.close();
    this.bucket?.close();
  }
}

interface ApiOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Person {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly userId: string;
  readonly org: string;
  readonly apiKey: string;
}

/**
 * Starts one server for all tests of a block, and closes it after them. To be called where the block is declared.
 * @returns the server, whose parts can be used from the block's own `beforeAll` on.
 */
export function useApp(options?: Options): TestApp {
  const app = new TestApp(options);
  beforeAll(() => app.listen());
  afterAll(() => app.close());
  return app;
}

function withRow(provider: Provider): typeof PROVIDERS {
  const [first, ...others] = PROVIDERS;
  return PROVIDERS.includes(provider) ? PROVIDERS : [first, ...others, provider];
}
