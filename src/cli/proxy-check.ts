import { CliError } from './cli-error';
import { Io } from './io';
import { Credentials, hasExpired, readCredentials, readLiveCredentials } from './credentials-file';
import { expiryWarning, isOver, MachineToken, untilWhen } from './machine-token';
import { CONNECT_WITHIN_MS, openConnection, openTls, resolveName } from './network-hops';
import { outboundProxyField, outboundProxyFor, outboundProxyWarning } from './outbound-proxy';
import { Answer, call, jsonObject, reasonOf, refusalOf, userAgent } from './server';
import { currentShell } from './shells';
import { sanitized, paint, print, printJson, say } from './terminal';
import { list, CREATE_ONE } from './token-list';

const UPSTREAM_WITHIN_MS = 30_000;
/** The prefix of the request ids in the proxy's own responses; the vendor's ids don't have it. */
const OWN_REQUEST_ID = 'req_tv_';

/** A named step of the check. It resolves with a short result, or throws a CliError that says what is broken and what to do. */
type Hop = readonly [name: string, go: () => Promise<string>];

interface Report {
  readonly hop: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly message: string;
  readonly hint?: string;
}

/** Checks each hop from this machine to the vendor, up to the first broken one. @throws CliError that names the broken hop. */
export async function proxyCheck(io: Io, { json = false }: { json?: boolean }): Promise<void> {
  const { proxy_token: own } = await readCredentials(io);
  const credentials = await (own === undefined ? readLiveCredentials(io) : readCredentials(io));
  const reports: Report[] = [];
  for (const [hop, go] of hops(credentials)) {
    const report = await timed(hop, go);
    reports.push(report);
    if (!json) print(io, lineOf(io, report));
    if (!report.ok) break;
  }
  const broken = reports.find(({ ok }) => !ok);
  const outbound = outboundProxyFor(credentials.server_url, io.env);
  if (json) {
    const outbound_proxy = outbound === undefined ? null : outboundProxyField(outbound, currentShell(io));
    printJson(io, {
      ok: broken === undefined,
      broken_hop: broken?.hop ?? null,
      outbound_proxy,
      hops: reports,
    });
  } else if (broken === undefined) {
    print(
      io,
      outbound === undefined ? '\nEverything works.' : '\nEverything works without a proxy in between.',
    );
  }
  if (outbound !== undefined) say(io, outboundProxyWarning(outbound, currentShell(io)));
  if (broken !== undefined)
    throw new CliError(`The first broken hop is: ${broken.hop}. ${broken.message}`, broken.hint);
}

function hops(credentials: Credentials): Hop[] {
  const { server_url: server, token, proxy_token: own } = credentials;
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = Number(port || (protocol === 'https:' ? 443 : 80));
  return [
    ['name', () => resolveName(host)],
    ['connection', () => openConnection(host, at)],
    ...(protocol === 'https:' ? ([['encryption', () => openTls(host, at)]] as Hop[]) : []),
    ['server', () => askServer(server)],
    ...(own === undefined ? bySession(server, token) : byProxyToken(credentials, own)),
  ];
}

function bySession(server: string, token: string): Hop[] {
  return [
    ['session', () => askSession(server, token)],
    ['stored key', () => askKey(server, token)],
    ['upstream', () => askUpstream(server, token)],
  ];
}

/** What agents use works without the session, which expires the sooner of the two. */
function byProxyToken(credentials: Credentials, own: MachineToken): Hop[] {
  const { server_url: server, token } = credentials;
  let isSignedIn = !hasExpired(credentials);
  const over = `over; agents go on without it. To manage your key and tokens: tracevault login --server ${server}`;
  return [
    [
      'session',
      async () => {
        const email = isSignedIn ? await sessionOf(server, token) : undefined;
        isSignedIn = email !== undefined;
        return email ?? over;
      },
    ],
    ['stored key', async () => (isSignedIn ? askKey(server, token) : 'not asked for without a session')],
    ['proxy token', () => askToken(credentials, own, isSignedIn)],
    ['upstream', () => askUpstream(server, own.token)],
  ];
}

async function askServer(server: string): Promise<string> {
  const { status, body } = await health(server);
  if (status === 200) return 'ready';
  const reason =
    body.draining === true ? 'it is shutting down' : `its database is ${sanitized(String(body.database))}`;
  throw new CliError(
    `The server is not ready: ${reason}.`,
    'Try again shortly; tell your administrator if it lasts.',
  );
}

async function health(server: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${server}/health/ready`, {
      redirect: 'manual',
      headers: { 'user-agent': userAgent() },
      signal: AbortSignal.timeout(CONNECT_WITHIN_MS),
    });
  } catch (error) {
    throw new CliError(
      `It takes connections and does not answer (${reasonOf(error)}).`,
      'Is it TraceVault that listens there?',
    );
  }
  const body = (await response.json().catch(() => undefined)) as Answer['body'] | null | undefined;
  if (body === undefined || body === null || !('database' in body)) {
    throw new CliError(
      'Something answers there that is not TraceVault.',
      'Check the address you logged in with.',
    );
  }
  return { status: response.status, body };
}

async function askSession(server: string, token: string): Promise<string> {
  const email = await sessionOf(server, token);
  if (email !== undefined) return email;
  throw new CliError('Your session was revoked.', `Run: tracevault login --server ${server}`);
}

/** Whose session it is; undefined when it was revoked or has expired. */
async function sessionOf(server: string, token: string): Promise<string | undefined> {
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

async function askKey(server: string, token: string): Promise<string> {
  const answer = await call(server, 'GET', 'me/anthropic-key', { token });
  if (answer.status !== 200) throw new CliError(refusalOf(answer));
  if (answer.body.configured !== true)
    throw new CliError('No Anthropic key is stored.', 'Run: tracevault proxy key set');
  return 'stored';
}

/** Sends a real request through the proxy that costs nothing: the list of models. */
async function askUpstream(server: string, token: string): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${server}/proxy/anthropic/v1/models?limit=1`, {
      redirect: 'manual',
      headers: { 'x-api-key': token, 'anthropic-version': '2023-06-01', 'user-agent': userAgent() },
      signal: AbortSignal.timeout(UPSTREAM_WITHIN_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new CliError(
      `No answer through the proxy (${reasonOf(error)}).`,
      'Give your administrator the time of this check.',
    );
  }
  if (response.ok && jsonObject(text) !== undefined) return `answered ${response.status}`;
  const requestId = response.headers.get('request-id') ?? 'none';
  const said = `${messageIn(text)} (status ${response.status}, request id ${sanitized(requestId)})`;
  if (requestId.startsWith(OWN_REQUEST_ID))
    throw new CliError(`TraceVault refuses: ${said}`, hintForOwn(response.status));
  if (requestId === 'none') {
    throw new CliError(
      `Something that is neither TraceVault nor the vendor answers (status ${response.status}).`,
      'A reverse proxy or a login page of your network stands between. Ask who runs it.',
    );
  }
  throw new CliError(`The vendor refuses: ${said}`, hintForVendor(response.status));
}

function hintForOwn(status: number): string {
  if (status === 401) return 'Run: tracevault proxy key status, or log in again';
  if (status === 502)
    return 'TraceVault runs, and the vendor does not answer it: its network, its outbound proxy, or the vendor.';
  return 'Give your administrator the request id.';
}

function hintForVendor(status: number): string {
  if (status === 401 || status === 403)
    return 'The stored key does not work there. Replace it: tracevault proxy key set';
  if (status === 429)
    return 'The key works and has reached its limit. Wait, or raise the limit in the console.';
  return status >= 500
    ? 'The vendor has trouble of its own. Try again later.'
    : 'Check TRACEVAULT_ANTHROPIC_UPSTREAM on the server.';
}

function messageIn(text: string): string {
  const error = jsonObject(text)?.error as { message?: unknown } | null | undefined;
  return typeof error?.message === 'string' ? sanitized(error.message) : 'no message';
}

async function timed(hop: string, go: () => Promise<string>): Promise<Report> {
  const began = performance.now();
  const ms = (): number => Math.round(performance.now() - began);
  try {
    const message = await go();
    return { hop, ok: true, ms: ms(), message };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {
      hop,
      ok: false,
      ms: ms(),
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
}

function lineOf(io: Io, { hop, ok, ms, message }: Report): string {
  const mark = ok ? paint(io, 'green', 'ok  ') : paint(io, 'red', 'FAIL');
  return `${mark}  ${hop.padEnd(12)} ${paint(io, 'dim', `${ms} ms`.padStart(8))}  ${message}`;
}
