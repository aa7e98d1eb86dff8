import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, signUpAt } from '../test/support/process';
import { Child } from './child';
import { Endpoint } from './job';

/** The folder of built files (dist), relative to dist/bench. */
const BUILT = join(__dirname, '..');
const PEERS = join(BUILT, '../bench/peers');

/** A system under test: a proxy between the client and the upstream, or the upstream itself. */
export interface Target {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** The target's process; undefined when the benchmark did not start it and can measure only its responses. */
  readonly child: Child | undefined;
}

/** What a target needs to start: the upstream's URL, and a folder for its files and its log. */
export interface Surroundings {
  readonly upstream: string;
  readonly folder: string;
  /** The PEM file of a certificate to trust, for an upstream with TLS. */
  readonly certificate?: string;
}

const VENDOR_KEY = { 'x-api-key': 'sk-ant-bench' };

/** Returns the target without a proxy: the baseline of every measure. */
export function direct(upstream: string): Target {
  return { name: 'direct', endpoint: { baseUrl: upstream, headers: VENDOR_KEY }, child: undefined };
}

/** Returns a target that is already running (`--target NAME=URL`); `headers` are the ones that it requires. */
export function running(name: string, baseUrl: string, headers: Record<string, string>): Target {
  return { name, endpoint: { baseUrl, headers: { ...VENDOR_KEY, ...headers } }, child: undefined };
}

export async function pipe(around: Surroundings): Promise<Target> {
  const port = await freePort();
  const env = { PORT: String(port), UPSTREAM: around.upstream, ...trust(around) };
  const child = await Child.start(
    'pipe',
    join(BUILT, 'bench/peers/pipe.js'),
    env,
    join(around.folder, 'pipe.log'),
  );
  return { name: 'node:http pipe', endpoint: { baseUrl: at(port), headers: VENDOR_KEY }, child };
}

/** Starts Portkey's gateway, which the benchmark installs. Headers select its Anthropic provider and point it at our upstream. */
export async function portkey(around: Surroundings): Promise<Target> {
  const port = await freePort();
  const file = join(PEERS, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child = await Child.start('portkey', file, {}, join(around.folder, 'portkey.log'), {
    args: ['--headless', `--port=${port}`],
    readyAt: at(port),
  });
  const headers = {
    ...VENDOR_KEY,
    'x-portkey-provider': 'anthropic',
    'x-portkey-custom-host': `${around.upstream}/v1`,
  };
  return { name: 'Portkey gateway', endpoint: { baseUrl: at(port), headers }, child };
}

/** Starts TraceVault as in production, in one process, with one user who has stored a key. */
export async function tracevault(around: Surroundings, databaseUrl?: string): Promise<Target> {
  const port = await freePort();
  const name = databaseUrl === undefined ? 'TraceVault (embedded)' : 'TraceVault (PostgreSQL)';
  const folder = join(around.folder, name);
  mkdirSync(folder, { recursive: true });
  const database =
    databaseUrl === undefined
      ? { TRACEVAULT_DATA_DIR: join(folder, 'data') }
      : { DATABASE_URL: databaseUrl, TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 'b').toString('base64') };
  const env = {
    PORT: String(port),
    TRACEVAULT_ANTHROPIC_UPSTREAM: around.upstream,
    TRACEVAULT_REGISTRATION: 'open',
    TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '100000', // the benchmark is one user
    ...database,
    ...trust(around),
  };
  const start = (): Promise<Child> =>
    Child.start(name, join(BUILT, 'src/main.js'), env, join(folder, 'log'), {
      readyAt: `${at(port)}/health/ready`,
    });
  const first = await start();
  const headers = { 'x-api-key': await proxyToken(at(port)) };
  await first.stop(); // the first start creates the database, and would distort the memory that is measured
  const child = await start();
  return { name, endpoint: { baseUrl: `${at(port)}/proxy/anthropic`, headers }, child };
}

/** Signs up a user with a stored key, and returns a proxy token as agents use it. */
async function proxyToken(url: string): Promise<string> {
  const session = await signUpAt(url, VENDOR_KEY['x-api-key']);
  const created = await fetch(`${url}/api/v1/me/proxy-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
    body: JSON.stringify({ name: 'bench' }),
  });
  return ((await created.json()) as { token: string }).token;
}

function trust({ certificate }: Surroundings): NodeJS.ProcessEnv {
  return certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificate };
}

function at(port: number): string {
  return `http://127.0.0.1:${port}`;
}
