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
  child: Child | undefined;
  /** The session of a TraceVault's user, to look at what its meter has counted. */
  readonly session?: Session;
}

/** A session of a TraceVault's user, who owns an organization. */
export interface Session {
  readonly url: string;
  readonly token: string;
  readonly org: string;
}

/**
 * Reads what a TraceVault answers a GET with; undefined if the build has no such path.
 * @throws Error when it refuses for any other reason.
 */
export async function read<T>(
  { url, token }: Pick<Session, 'url' | 'token'>,
  path: string,
): Promise<T | undefined> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  return (await response.json()) as T;
}

/** Starts the target's process again, so that its memory is that of a new one. */
export async function restart(target: Target): Promise<void> {
  await target.child?.stop();
  target.child = await target.child?.again();
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

/** Which TraceVault is started, and on what. */
interface Edition {
  readonly name: string;
  /** The program's file, below dist. */
  readonly file?: string;
  /** The folder of another build, instead of this one's. */
  readonly built?: string;
  /** The URL of a PostgreSQL database; the embedded one by default. */
  readonly databaseUrl?: string | undefined;
  /** Whether limits apply to the user, which are far from being reached. */
  readonly isLimited?: boolean;
  /** Whether what the user says is kept; all calls are of one session. */
  readonly keepsContent?: boolean;
  /** More settings. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts TraceVault as in production, in one process, with one user who has stored a key. */
export async function tracevault(around: Surroundings, edition: Edition): Promise<Target> {
  const { name, file = 'src/main.js', built = BUILT, databaseUrl } = edition;
  const { isLimited = false, keepsContent = false, env: more } = edition;
  const port = await freePort();
  const folder = join(around.folder, name);
  mkdirSync(folder, { recursive: true });
  const data = { TRACEVAULT_DATA_DIR: join(folder, 'data') };
  const database =
    databaseUrl === undefined
      ? data
      : {
          ...data,
          DATABASE_URL: databaseUrl,
          TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 'b').toString('base64'),
        };
  const env = {
    PORT: String(port),
    TRACEVAULT_ANTHROPIC_UPSTREAM: around.upstream,
    TRACEVAULT_REGISTRATION: 'open',
    TRACEVAULT_MAX_OPEN_REQUESTS_PER_USER: '100000', // the benchmark is one user
    ...database,
    ...trust(around),
    ...more,
  };
  const url = at(port);
  const first = await Child.start(name, join(built, file), env, join(folder, 'log'), {
    readyAt: `${url}/health/ready`,
  });
  const token = await signUpAt(url, VENDOR_KEY['x-api-key'], `bench-${port}@example.com`);
  const headers: Record<string, string> = { 'x-api-key': await proxyToken(url, token) };
  if (keepsContent) headers['x-session-id'] = 'bench';
  const me = await read<{ orgs: { name: string }[] }>({ url, token }, '/api/v1/auth/me');
  const session = { url, token, org: me?.orgs[0]?.name ?? '' };
  if (isLimited) await setLimits(session);
  if (keepsContent) await keepContent(url, token);
  await first.stop(); // the first start creates the database, and would distort the memory that is measured
  const endpoint = { baseUrl: `${url}/proxy/anthropic`, headers };
  return { name, endpoint, child: await first.again(), session };
}

/** Creates a proxy token as agents use it. */
async function proxyToken(url: string, session: string): Promise<string> {
  const created = await fetch(`${url}/api/v1/me/proxy-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
    body: JSON.stringify({ name: 'bench' }),
  });
  return ((await created.json()) as { token: string }).token;
}

/** Sets a limit of each kind for the user, far away. @throws Error when the server refuses one. */
async function setLimits({ url, token, org }: Session): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const limits = [
    { kind: 'spend', period: 'month', amount_usd: '1000000', count_personal_keys: true },
    { kind: 'rate', per_minute: { requests: 1_000_000_000 } },
    { kind: 'models', allow: ['*'] },
  ];
  for (const limit of limits) {
    const body = JSON.stringify({ scope: 'everyone', ...limit });
    const path = `${url}/api/v1/orgs/${org}/limits`;
    const { status } = await fetch(path, { method: 'POST', headers, body });
    if (status !== 201) throw new Error(`The limit ${body} was answered with ${status}`);
  }
}

/** Has what the user says kept. @throws Error when the server refuses that. */
async function keepContent(url: string, session: string): Promise<void> {
  const { status } = await fetch(`${url}/api/v1/me/capture`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
    body: JSON.stringify({ content: true }),
  });
  if (status !== 200) throw new Error(`Keeping content was answered with ${status}`);
}

function trust({ certificate }: Surroundings): NodeJS.ProcessEnv {
  return certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificate };
}

function at(port: number): string {
  return `http://127.0.0.1:${port}`;
}
