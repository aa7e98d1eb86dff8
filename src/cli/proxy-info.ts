import { keepingNotes, keepingOf } from './capture-notice';
import { CliError } from './cli-error';
import { anthropicLines, claudeCodeSettings, recipeOf } from './client-recipes';
import { assertSpeaks, Client, CLIENT_FACTS, CLIENTS, speaks } from './clients';
import { Io } from './io';
import { Credentials, credentialsPath, hasExpired, readCredentials } from './credentials-file';
import { DEFAULT_PROVIDER, KNOWN_PROVIDERS } from './known-providers';
import { printLimits } from './limit-lines';
import { expiryWarning, isOver, untilWhen } from './machine-token';
import { knownLimits } from './my-limits';
import { outboundProxyField, outboundProxyFor, outboundProxyWarning } from './outbound-proxy';
import { Recipe } from './recipe';
import { currentShell, Shell, SHELLS } from './shells';
import { asDate, sanitized, paint, print, printJson, say } from './terminal';
import { CREATE_ONE } from './token-list';

interface InfoOptions {
  readonly json?: boolean;
  readonly shell?: Shell;
  /** The client whose recipe alone is printed; undefined for an overview. */
  readonly client?: Client;
  /** The id of the provider to point clients at; undefined for each client's own one. */
  readonly provider?: string;
}

/**
 * Prints how to configure clients for the proxy, from the credentials file alone. The overview has the user's limits beside, if the
 * server can be asked.
 */
export async function proxyInfo(io: Io, options: InfoOptions): Promise<void> {
  const { json = false, shell = currentShell(io), client, provider } = options;
  if (client !== undefined && provider !== undefined) assertSpeaks(client, provider);
  const credentials = await readCredentials(io);
  const { server_url: server } = credentials;
  warn(io, credentials, shell);
  const limits = client === undefined ? await knownLimits(credentials) : undefined;
  const keeping = client === undefined ? await keepingOf(credentials) : undefined;
  if (json)
    printJson(io, {
      ...asJson(io, credentials, { ...options, shell }),
      limits: limits ?? null,
      capture: keeping?.own ?? null,
    });
  else if (client === undefined) {
    print(io, overview(io, credentials, shell, provider).join('\n'));
    printLimits(io, limits ?? []);
    for (const note of keeping === undefined ? [] : keepingNotes(keeping, server)) say(io, `Note: ${note}`);
  } else print(io, linesOf(io, recipeOf(client, { server, provider, shell })).join('\n'));
}

function warn(io: Io, credentials: Credentials, shell: Shell): void {
  const { server_url, proxy_token: own } = credentials;
  const ending = own === undefined ? undefined : expiryWarning(own.name, own.expires_at);
  if (hasExpired(credentials))
    say(io, `Warning: your session expired. Run: tracevault login --server ${server_url}`);
  if (ending !== undefined) say(io, `Warning: ${ending} Run: ${CREATE_ONE}`);
  const outbound = outboundProxyFor(server_url, io.env);
  if (outbound !== undefined) say(io, outboundProxyWarning(outbound, shell));
}

function asJson(
  io: Io,
  { server_url: server, email, expires_at, proxy_token: own }: Credentials,
  { shell, client, provider }: InfoOptions & { readonly shell: Shell },
): object {
  const outbound = outboundProxyFor(server, io.env);
  const anthropic = `${server}/proxy/${DEFAULT_PROVIDER}`;
  const baseUrl = `${server}/proxy/${provider ?? DEFAULT_PROVIDER}`;
  const clients = client === undefined ? CLIENTS : [client];
  const recipes = clients.map((name) => {
    const pointedAt = provider !== undefined && speaks(name, provider) ? provider : undefined;
    return [name, recipeOf(name, { server, provider: pointedAt, shell })] as const;
  });
  return {
    server_url: server,
    proxy_base_url: baseUrl,
    credentials_file: credentialsPath(io),
    email,
    expires_at,
    proxy_token: own === undefined ? null : { id: own.id, name: own.name, expires_at: own.expires_at },
    outbound_proxy: outbound === undefined ? null : outboundProxyField(outbound, shell),
    shells: Object.fromEntries(SHELLS.map((name) => [name, anthropicLines(name, anthropic)])),
    claude_code_settings: claudeCodeSettings(anthropic),
    base_url_with_v1: `${baseUrl}/v1`,
    clients: Object.fromEntries(recipes),
  };
}

function overview(io: Io, credentials: Credentials, shell: Shell, provider = DEFAULT_PROVIDER): string[] {
  const { server_url: server, email, expires_at, proxy_token: own } = credentials;
  const client = KNOWN_PROVIDERS.get(provider)?.client ?? 'opencode';
  const others = CLIENTS.filter((name) => name !== client);
  const width = Math.max(...others.map((name) => name.length));
  return [
    `Server             ${server}`,
    `Proxy base URL     ${server}/proxy/${provider}`,
    `Credentials file   ${credentialsPath(io)}`,
    `Logged in as       ${sanitized(email)}, until ${asDate(expires_at)}`,
    own === undefined || isOver(own.expires_at)
      ? `Agents use         your session, which is for people: they stop when it ends. Better a proxy token: ${CREATE_ONE}`
      : `Agents use         the proxy token "${sanitized(own.name)}", ${untilWhen(own.expires_at)}`,
    '',
    ...linesOf(io, recipeOf(client, { server, provider, shell })),
    '',
    paint(io, 'green', 'Other clients'),
    ...others.map(
      (name) => `  tracevault proxy info --client ${name.padEnd(width)}   ${CLIENT_FACTS[name].title}`,
    ),
    `  Each with --shell ${SHELLS.join(', ')}, and with --provider for another provider.`,
    '',
    paint(io, 'green', 'Base URLs'),
    ...[...KNOWN_PROVIDERS].map(
      ([id, { label, path }]) => `  ${label.padEnd(19)}${server}/proxy/${id}${path}`,
    ),
    `  ${'Of your operator'.padEnd(19)}${server}/proxy/ID, with /v1 behind it for clients of OpenAI's API`,
    '  Those of the Vercel AI SDK: tracevault proxy info --client sdk',
    '',
    'Whose key calls take: tracevault proxy key status. Something does not work? Run: tracevault proxy check',
  ];
}

function linesOf(io: Io, { title, steps }: Recipe): string[] {
  return [
    paint(io, 'green', title),
    ...steps.flatMap(({ text, code = [] }, at) => [
      `${at + 1}. ${text}`,
      ...code.map((line) => (line === '' ? '' : `     ${line}`)),
    ]),
  ];
}

/** Returns the shell of a name; zsh and sh use bash's lines. @throws CliError (usage) for an unsupported shell. */
export function shellNamed(name: string): Shell {
  const shell = name === 'zsh' || name === 'sh' ? 'bash' : SHELLS.find((known) => known === name);
  if (shell === undefined)
    throw new CliError(
      `There are lines for bash, zsh, fish and powershell, not for this shell.`,
      undefined,
      2,
    );
  return shell;
}
