import { CliError } from './cli-error';
import { Io } from './io';
import { credentialsPath, hasExpired, readCredentials } from './credentials-file';
import { expiryWarning, isOver, untilWhen } from './machine-token';
import { outboundProxyField, outboundProxyFor, outboundProxyWarning } from './outbound-proxy';
import { currentShell, Shell, SHELLS } from './shells';
import { asDate, sanitized, paint, print, printJson, say } from './terminal';
import { CREATE_ONE } from './token-list';

/** The command by which a shell gets the token when it needs it, so that no token is written to a history or a dotfile. */
const TOKEN_COMMAND = 'tracevault proxy token';

/** Returns the lines by which a shell sets the two variables that Anthropic's clients read. */
function shellLines(shell: Shell, baseUrl: string): string[] {
  switch (shell) {
    case 'bash':
      return [`export ANTHROPIC_BASE_URL=${baseUrl}`, `export ANTHROPIC_API_KEY="$(${TOKEN_COMMAND})"`];
    case 'fish':
      return [`set -gx ANTHROPIC_BASE_URL ${baseUrl}`, `set -gx ANTHROPIC_API_KEY (${TOKEN_COMMAND})`];
    case 'powershell':
      return [`$env:ANTHROPIC_BASE_URL = "${baseUrl}"`, `$env:ANTHROPIC_API_KEY = (${TOKEN_COMMAND})`];
  }
}

interface InfoOptions {
  readonly json?: boolean;
  readonly shell?: Shell;
}

/** Prints how to configure agents for the proxy. Reads only the credentials file and makes no requests. */
export async function proxyInfo(
  io: Io,
  { json = false, shell = currentShell(io) }: InfoOptions,
): Promise<void> {
  const credentials = await readCredentials(io);
  const { server_url, email, expires_at } = credentials;
  const baseUrl = `${server_url}/proxy/anthropic`;
  const { proxy_token: own } = credentials;
  const ending = own === undefined ? undefined : expiryWarning(own.name, own.expires_at);
  if (hasExpired(credentials))
    say(io, `Warning: your session expired. Run: tracevault login --server ${server_url}`);
  if (ending !== undefined) say(io, `Warning: ${ending} Run: ${CREATE_ONE}`);
  const outbound = outboundProxyFor(server_url, io.env);
  if (outbound !== undefined) say(io, outboundProxyWarning(outbound, shell));
  const settings = { env: { ANTHROPIC_BASE_URL: baseUrl }, apiKeyHelper: TOKEN_COMMAND };
  if (json) {
    const shells = Object.fromEntries(SHELLS.map((name) => [name, shellLines(name, baseUrl)]));
    const info = {
      server_url,
      proxy_base_url: baseUrl,
      credentials_file: credentialsPath(io),
      email,
      expires_at,
      proxy_token: own === undefined ? null : { id: own.id, name: own.name, expires_at: own.expires_at },
      outbound_proxy: outbound === undefined ? null : outboundProxyField(outbound, shell),
    };
    printJson(io, { ...info, shells, claude_code_settings: settings, base_url_with_v1: `${baseUrl}/v1` });
    return;
  }
  const heading = (text: string): string => `\n${paint(io, 'green', text)}`;
  const lines = [
    `Server             ${server_url}`,
    `Proxy base URL     ${baseUrl}`,
    `Credentials file   ${credentialsPath(io)}`,
    `Logged in as       ${sanitized(email)}, until ${asDate(expires_at)}`,
    own === undefined || isOver(own.expires_at)
      ? `Agents use         your session, which is for people: they stop when it ends. Better a proxy token: ${CREATE_ONE}`
      : `Agents use         the proxy token "${sanitized(own.name)}", ${untilWhen(own.expires_at)}`,
    heading(`Claude Code, GSD, the Anthropic SDKs (${shell === 'bash' ? 'bash, zsh' : shell})`),
    '1. Set two variables, in this terminal or in your shell profile:',
    ...shellLines(shell, baseUrl).map((line) => `     ${line}`),
    '2. Start the agent in the same terminal, for example: claude',
    heading('Claude Code without variables, in ~/.claude/settings.json'),
    '1. Merge this in; Claude Code then asks for the token itself, also after a new login:',
    ...JSON.stringify(settings, null, 2)
      .split('\n')
      .map((line) => `     ${line}`),
    heading('Cursor'),
    '1. Settings > Models > Anthropic API key: paste what this prints:',
    `     ${TOKEN_COMMAND}`,
    '2. Override the Anthropic base URL, where your version has that field:',
    `     ${baseUrl}`,
    '   A Cursor that sends requests from its own servers needs a TraceVault that those can reach.',
    heading('In code'),
    `  Anthropic's SDKs, LangChain            ${baseUrl}`,
    `  Vercel AI SDK (@ai-sdk/anthropic)      ${baseUrl}/v1`,
    ...SHELLS.filter((name) => name !== shell).flatMap((name) => [
      heading(name === 'bash' ? 'In bash or zsh' : `In ${name}`),
      ...shellLines(name, baseUrl).map((line) => `     ${line}`),
    ]),
    '\nSomething does not work? Run: tracevault proxy check',
  ];
  print(io, lines.join('\n'));
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
