import { isIP } from 'node:net';
import { Shell } from './shells';

/** A variable on this machine that sends agents' requests for the server, tokens included, to another proxy first. */
interface OutboundProxy {
  /** The variable's name as it is set, and never its value, which may hold a password. */
  readonly variable: string;
  /** The name of the list of exceptions that lacks the host. */
  readonly list: string;
  /** What to add to that list. */
  readonly host: string;
}

/**
 * The variable that agents would apply to the server's URL; undefined where there is none, or NO_PROXY covers the host.
 * The one of the URL's own scheme is named first, but each is enough: Claude Code takes HTTPS_PROXY for http:// too, and
 * Node's EnvHttpProxyAgent takes HTTP_PROXY for https://.
 */
export function outboundProxyFor(server: string, env: NodeJS.ProcessEnv): OutboundProxy | undefined {
  const url = new URL(server);
  const schemes = url.protocol === 'https:' ? ['https', 'http', 'all'] : ['http', 'https', 'all'];
  const [variable] = schemes.flatMap((scheme) => namesOf(`${scheme}_proxy`, env));
  if (variable === undefined) return undefined;
  // Some clients read one spelling and some the other, so that each list that is set has to cover the host.
  const lists = namesOf('no_proxy', env);
  const lacking = lists.find((name) => !isCoveredByNoProxy(env[name] ?? '', url));
  if (lists.length > 0 && lacking === undefined) return undefined;
  return { variable, list: lacking ?? 'NO_PROXY', host: hostOf(url) };
}

/**
 * The rules that clients share: `*`, a name with everything below it (a dot in front makes no difference), an IP address,
 * each with or without a port. A network such as 10.0.0.0/8 covers nothing, because Node's clients do not read it.
 */
export function isCoveredByNoProxy(noProxy: string, url: URL): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = noProxy.toLowerCase().split(/[\s,]+/);
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [name, atPort] = isIP(entry) === 6 ? [entry, undefined] : splitPort(entry);
    if (atPort !== undefined && atPort !== port) return false;
    const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
    if (suffix === '') return false;
    return host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`));
  });
}

/** The line that makes the exception, for a shell's profile. */
function noProxyLine({ list, host }: OutboundProxy, shell: Shell): string {
  switch (shell) {
    case 'bash':
      return `export ${list}="\${${list}:+$${list},}${host}"`;
    case 'fish':
      return `set -gx ${list} (string join , $${list} ${host})`;
    case 'powershell':
      return `$env:${list} = (@($env:${list}, "${host}") -ne $null) -join ","`;
  }
}

/** What `--json` says of it. */
export function outboundProxyField(proxy: OutboundProxy, shell: Shell): object {
  return { variable: proxy.variable, no_proxy_line: noProxyLine(proxy, shell) };
}

export function outboundProxyWarning(proxy: OutboundProxy, shell: Shell): string {
  return (
    `Warning: ${proxy.variable} is set, and sends agents' prompts and token for ${proxy.host} to that proxy first. ` +
    `To let them go straight to TraceVault, add this line to your shell profile:\n  ${noProxyLine(proxy, shell)}`
  );
}

function namesOf(variable: string, env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter((name) => name.toLowerCase() === variable && env[name]?.trim());
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function splitPort(entry: string): [name: string, port: string | undefined] {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return [bracketed ?? plain, port];
}
