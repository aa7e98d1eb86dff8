import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './cli-error';
import { Io } from './io';
import {
  Credentials,
  asCredentials,
  readCredentials,
  removeCredentials,
  writeCredentials,
} from './credentials-file';
import { rememberServer, serverToLogInTo } from './last-server';
import { askSecret } from './prompt';
import { revokeMachineToken, offerToken } from './proxy-token';
import { call, callOrFail, isExposed, refusalOf } from './server';
import { isOver } from './machine-token';
import { fetchMyKeys } from './my-keys';
import { asDate, sanitized, print, printJson, say } from './terminal';
import { CREATE_ONE } from './token-list';

/** The polling interval if the server does not specify one (RFC 8628 3.2). */
const INTERVAL_SECONDS = 5;
const SLOW_DOWN_SECONDS = 5;

interface LoginOptions {
  /** The server's URL as typed; undefined for TRACEVAULT_SERVER or the server of the last login. */
  readonly server?: string;
  readonly email?: string;
  /** Whether to open a browser; false with --no-browser. */
  readonly browser: boolean;
  /** Whether to create one for this machine; asked when it is not said. */
  readonly proxyToken?: boolean;
}

export async function login(
  io: Io,
  { server: typed, email, browser, proxyToken }: LoginOptions,
): Promise<void> {
  const server = await serverToLogInTo(io, typed);
  if (isExposed(server))
    say(io, `Warning: ${server} is not encrypted. Others on the network can read your token.`);
  const earlier = await readCredentials(io).catch(() => undefined);
  const begun =
    email === undefined ? await byDevice(io, server, browser) : await byPassword(io, server, email);
  const credentials = withTokenOf(earlier, begun);
  await writeCredentials(io, credentials);
  if (earlier !== undefined && earlier.token !== credentials.token) {
    if (credentials.proxy_token === undefined) await revokeMachineToken(io, earlier);
    // Revokes the session that this one replaces; if its server can't be reached, it expires by itself.
    await call(earlier.server_url, 'POST', 'auth/logout', { token: earlier.token }).catch(() => undefined);
  }
  say(
    io,
    `Logged in to ${server} as ${sanitized(credentials.email)}, until ${asDate(credentials.expires_at)}.`,
  );
  try {
    await offerToken(io, credentials, proxyToken);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // The login stands all the same.
    say(io, `No proxy token was created: ${error.message} To create one: ${CREATE_ONE}`);
  }
  const needsKey = await fetchMyKeys(credentials).then(
    ({ keys }) =>
      keys.every(({ in_use }) => in_use === null) &&
      keys.some(({ reason }) => reason !== 'no_organization_key'),
    () => true, // what comes next is only a hint
  );
  say(io, `Next: ${needsKey ? 'tracevault proxy key set, then ' : ''}tracevault proxy info`);
}

/** Keeps the machine's proxy token, if it is valid, when the same user logs in to the same server again. */
function withTokenOf(earlier: Credentials | undefined, begun: Credentials): Credentials {
  const isSame = earlier?.server_url === begun.server_url && earlier.email === begun.email;
  const own = isSame ? earlier.proxy_token : undefined;
  return own === undefined || isOver(own.expires_at) ? begun : { ...begun, proxy_token: own };
}

/** Revokes the session on the server and removes it here; here also when the server can't be reached. */
export async function logout(io: Io): Promise<void> {
  const credentials = await readCredentials(io);
  const { server_url: server, token, expires_at } = credentials;
  const tokenRevoked = await revokeMachineToken(io, credentials);
  const answer = await call(server, 'POST', 'auth/logout', { token }).catch(() => undefined);
  await rememberServer(io, server);
  await removeCredentials(io);
  const isRevoked = answer !== undefined && (answer.status === 204 || answer.status === 401);
  if (!isRevoked) {
    throw new CliError(
      `The credentials are removed from this machine, but ${server} could not revoke the session.`,
      `It lasts until ${asDate(expires_at)}; to revoke it sooner, log in elsewhere and revoke it there.`,
    );
  }
  if (!tokenRevoked) throw new CliError('Logged out, but for the proxy token named above.');
  say(io, 'Logged out.');
}

export async function whoami(io: Io, { json = false }: { json?: boolean }): Promise<void> {
  const { server_url, token, expires_at } = await readCredentials(io);
  const me = await callOrFail(server_url, 'GET', 'auth/me', { token });
  const orgs = (Array.isArray(me.orgs) ? me.orgs : []) as (Record<string, unknown> | null)[];
  if (json) {
    printJson(io, {
      server_url,
      email: me.email,
      name: me.name,
      user_id: me.user_id,
      orgs,
      current_org: me.current_org ?? null,
      expires_at,
    });
    return;
  }
  print(io, sanitized(String(me.email)));
  print(io, `  server         ${server_url}`);
  for (const org of orgs) {
    const name = sanitized(String(org?.display_name ?? org?.name));
    const current = orgs.length > 1 && org?.name === me.current_org ? ', current' : '';
    print(io, `  organization   ${name} (${sanitized(String(org?.role))}${current})`);
  }
  print(io, `  session until  ${asDate(expires_at)}`);
}

async function byPassword(io: Io, server: string, email: string): Promise<Credentials> {
  const password = await askSecret(io, `Password of ${sanitized(email)}: `);
  const session = await callOrFail(server, 'POST', 'auth/login', { body: { email, password } });
  return credentialsOf(server, { ...session, access_token: session.token });
}

/** Logs in by the device grant (RFC 8628): polls the server while the user approves in a browser, on any machine. */
async function byDevice(io: Io, server: string, browser: boolean): Promise<Credentials> {
  const begun = await callOrFail(server, 'POST', 'auth/device/authorize', {
    body: { client_name: `tracevault on ${hostname()}`.replace(/\P{ASCII}/gu, '?').slice(0, 100) },
  });
  const page = String(begun.verification_uri_complete);
  say(
    io,
    `To log in, open\n\n  ${sanitized(page)}\n\nand approve the code ${sanitized(String(begun.user_code))}. Waiting ... (Ctrl-C cancels)`,
  );
  if (browser && io.stderr.isTTY === true) openBrowser(io, page);

  const deadline = Date.now() + Number(begun.expires_in) * 1000;
  let interval = Math.min(60, Math.max(1, Number(begun.interval) || INTERVAL_SECONDS));
  while (Date.now() < deadline) {
    await sleep(interval * 1000);
    const answer = await call(server, 'POST', 'auth/device/token', {
      body: { device_code: begun.device_code },
    }).catch(() => undefined); // the code survives a restart of the server and a lost network
    if (answer === undefined || answer.status >= 500) continue;
    if (answer.status === 200) return credentialsOf(server, answer.body);
    if (answer.body.error === 'slow_down' || answer.status === 429) interval += SLOW_DOWN_SECONDS;
    else if (answer.body.error === 'access_denied')
      throw new CliError('The login was denied in the browser.');
    else if (answer.body.error === 'expired_token') break;
    else if (answer.body.error !== 'authorization_pending') throw new CliError(refusalOf(answer));
  }
  throw new CliError('Nobody approved the login in time.', `Run: tracevault login --server ${server}`);
}

function credentialsOf(server: string, session: Record<string, unknown>): Credentials {
  const { access_token: token, email, expires_at } = session;
  const credentials = asCredentials({ server_url: server, token, email, expires_at });
  if (credentials !== undefined) return credentials;
  throw new CliError(
    `${server} does not answer as TraceVault does.`,
    'Check the address. Nothing was changed.',
  );
}

/**
 * Opens a browser, if there is one; the address has also been printed. No shell is involved, because the address comes from
 * a server.
 */
function openBrowser({ env }: Io, page: string): void {
  if (!URL.canParse(page) || !['http:', 'https:'].includes(new URL(page).protocol)) return;
  const [program, ...args]: [string, ...string[]] =
    process.platform === 'darwin'
      ? ['open', page]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', page]
        : ['xdg-open', page];
  spawn(program, args, { env, stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
