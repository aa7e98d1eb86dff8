import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, signUpAt } from '../test/support/process';
import { Child } from './child';
import { Endpoint } from './job';

/** Built files, from dist/bench. */
const BUILT = join(__dirname, '..');
const PEERS = join(BUILT, '../bench/peers');

/** Something that stands between the client and the upstream, and takes its requests. */
export interface Target {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Undefined when it runs elsewhere, and nothing but its answers can be measured. */
  readonly child: Child | undefined;
}

/** What a target is started with: where the upstream is, and a folder for its files and its log. */
export interface Surroundings {
  readonly upstream: string;
  readonly folder: string;
  /** A PEM file to trust, for an upstream with TLS. */
  readonly certificate?: string;
}

const VENDOR_KEY = { 'x-api-key': 'sk-ant-bench' };

/** No proxy at all: the baseline of everything. */
export function direct(upstream: string): Target {
  return { name: 'direct', endpoint: { baseUrl: upstream, headers: VENDOR_KEY }, child: undefined };
}

/** A running one, given as NAME=URL; `headers` are what it asks for. */
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

/** Installed by the bench; knows Anthropic's shape, and is told to look for the vendor at our upstream. */
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

/** The product as it is started in production, one process, with a person who has stored a key. */
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
    TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '100000', // the bench is one person
    ...database,
    ...trust(around),
  };
  const start = (): Promise<Child> =>
    Child.start(name, join(BUILT, 'src/main.js'), env, join(folder, 'log'), {
      readyAt: `${at(port)}/health/ready`,
    });
  const first = await start();
  const headers = { 'x-api-key': await proxyToken(at(port)) };
  await first.stop(); // a first start makes the database in its own memory, which is not what is measured
  const child = await start();
  return { name, endpoint: { baseUrl: `${at(port)}/proxy/anthropic`, headers }, child };
}

/** What agents are given: the token of somebody who has signed up and stored a key. */
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
