import { CliError } from './cli-error';
import { Credentials, hasExpired } from './credentials-file';
import { DEFAULT_PROVIDER, KNOWN_PROVIDERS } from './known-providers';
import { expiryWarning, isOver, MachineToken, untilWhen } from './machine-token';
import { keyInUse, MyKey } from './my-keys';
import { openConnection, openTls, resolveName } from './network-hops';
import { checkedKeys } from './key-hop';
import { call, refusalOf } from './server';
import { askServer } from './server-hop';
import { ServerProviders } from './server-providers';
import { sanitized } from './terminal';
import { list, CREATE_ONE } from './token-list';
import { askUpstream, Upstream } from './upstream-hop';

/** A named step of the check. */
export interface Hop {
  readonly name: string;
  /** Resolves with a short result, or throws a CliError that says what is broken and what to do. */
  readonly go: () => Promise<string>;
  /** Whether the check goes on when this hop is broken, since those after it don't depend on it. */
  readonly othersFollow?: boolean;
}

/** Generates the hops to the vendors; which they are is known when the hop before them is done. */
export async function* hopsTo(credentials: Credentials, provider: string | undefined): AsyncGenerator<Hop> {
  const { server_url: server, token, proxy_token: own } = credentials;
  yield* networkHops(server);
  yield { name: 'server', go: () => askServer(server) };
  yield* own === undefined
    ? bySession({ server, token }, provider)
    : byProxyToken(credentials, own, provider);
}

function* networkHops(server: string): Generator<Hop> {
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = Number(port || (protocol === 'https:' ? 443 : 80));
  yield { name: 'name', go: () => resolveName(host) };
  yield { name: 'connection', go: () => openConnection(host, at) };
  if (protocol === 'https:') yield { name: 'encryption', go: () => openTls(host, at) };
}

interface Session {
  readonly server: string;
  readonly token: string;
}

async function* bySession(session: Session, provider: string | undefined): AsyncGenerator<Hop> {
  yield { name: 'session', go: () => askSession(session) };
  let keys: MyKey[] = [];
  yield {
    name: 'stored key',
    go: async () => {
      keys = await checkedKeys(session, { provider, org: null });
      return wordsFor(keys);
    },
  };
  yield* upstreamHops(session, session.token, keys);
}

/** What agents use works without the session, which expires the sooner of the two. */
async function* byProxyToken(
  credentials: Credentials,
  own: MachineToken,
  provider: string | undefined,
): AsyncGenerator<Hop> {
  const session = { server: credentials.server_url, token: credentials.token };
  let isSignedIn = !hasExpired(credentials);
  const over = `over; agents go on without it. To manage your keys and tokens: tracevault login --server ${session.server}`;
  yield {
    name: 'session',
    go: async () => {
      const email = isSignedIn ? await sessionOf(session) : undefined;
      isSignedIn = email !== undefined;
      return email ?? over;
    },
  };
  let keys: MyKey[] | undefined;
  yield {
    name: 'stored key',
    go: async () => {
      if (!isSignedIn) return 'not asked for without a session';
      const org = (await list(credentials)).find(({ id }) => id === own.id)?.org ?? null;
      keys = await checkedKeys(session, { provider, org });
      return wordsFor(keys);
    },
  };
  yield { name: 'proxy token', go: () => askToken(credentials, own, isSignedIn) };
  if (keys !== undefined) yield* upstreamHops(session, own.token, keys);
  else yield upstreamHop(session.server, own.token, knownUpstream(provider ?? DEFAULT_PROVIDER));
}

function wordsFor(keys: readonly MyKey[]): string {
  return keys.map((key) => `${sanitized(key.label)}: ${keyInUse(key)}`).join(', ');
}

async function* upstreamHops(session: Session, token: string, keys: readonly MyKey[]): AsyncGenerator<Hop> {
  const isKnown = keys.every(({ provider }) => KNOWN_PROVIDERS.has(provider));
  const providers = isKnown
    ? undefined
    : await ServerProviders.of({ server_url: session.server, token: session.token });
  for (const key of keys) {
    const dialect = providers?.all.find(({ id }) => id === key.provider)?.dialect;
    const upstream = { ...knownUpstream(key.provider), ...(dialect !== undefined && { dialect }), key };
    yield upstreamHop(session.server, token, upstream);
  }
}

function knownUpstream(id: string): Upstream {
  return { id, dialect: KNOWN_PROVIDERS.get(id)?.dialect ?? 'openai' };
}

function upstreamHop(server: string, token: string, upstream: Upstream): Hop {
  const name = upstream.id === DEFAULT_PROVIDER ? 'upstream' : `${upstream.id} upstream`;
  return { name, go: () => askUpstream(server, token, upstream), othersFollow: true };
}

async function askSession(session: Session): Promise<string> {
  const email = await sessionOf(session);
  if (email !== undefined) return email;
  throw new CliError('Your session was revoked.', `Run: tracevault login --server ${session.server}`);
}

/** Whose session it is; undefined when it was revoked or has expired. */
async function sessionOf({ server, token }: Session): Promise<string | undefined> {
  const answer = await call(server, 'GET', 'auth/me', { token });
  if (answer.status === 200) return sanitized(String(answer.body.email));
  if (answer.status === 401) return undefined;
  throw new CliError(refusalOf(answer));
}

/** As the server has it, where the session is good for asking; otherwise as it was when it was created. */
async function askToken(credentials: Credentials, own: MachineToken, isSignedIn: boolean): Promise<string> {
  const token = isSignedIn ? (await list(credentials)).find(({ id }) => id === own.id) : own;
  if (token === undefined)
    throw new CliError("This machine's proxy token was revoked.", `Create another one: ${CREATE_ONE}`);
  const { name, expires_at } = token;
  const ending = expiryWarning(name, expires_at);
  if (ending !== undefined && isOver(expires_at))
    throw new CliError(ending, `Create another one: ${CREATE_ONE}`);
  return ending ?? `"${sanitized(name)}", ${untilWhen(expires_at)}`;
}
