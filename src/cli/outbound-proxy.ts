import { isIP } from 'node:net';
import { Shell } from './shells';

/** An environment variable that routes agents' requests for the server, tokens included, through another proxy. */
interface OutboundProxy {
  /** The variable's name, spelled as it is set. The value is never kept, because it may contain a password. */
  readonly variable: string;
  /** The name of the list of exceptions (NO_PROXY, in the spelling that is set) that lacks the host. */
  readonly list: string;
  /** The host to add to that list. */
  readonly host: string;
}

/**
 * Returns the proxy that agents would use for the server's URL; undefined if no variable is set, or NO_PROXY covers the host.
 * The variable of the URL's own scheme takes precedence, but any is enough: Claude Code applies HTTPS_PROXY to http:// too,
 * and Node's EnvHttpProxyAgent applies HTTP_PROXY to https://.
 */
export function outboundProxyFor(server: string, env: NodeJS.ProcessEnv): OutboundProxy | undefined {
  const url = new URL(server);
  const schemes = url.protocol === 'https:' ? ['https', 'http', 'all'] : ['http', 'https', 'all'];
  const [variable] = schemes.flatMap((scheme) => namesOf(`${scheme}_proxy`, env));
  if (variable === undefined) return undefined;
  // Some clients read one spelling and some the other, so every list that is set has to cover the host.
  const lists = namesOf('no_proxy', env);
  const lacking = lists.find((name) => !isCoveredByNoProxy(env[name] ?? '', url));
  if (lists.length > 0 && lacking === undefined) return undefined;
  return { variable, list: lacking ?? 'NO_PROXY', host: hostOf(url) };
}

/**
 * Whether a NO_PROXY list covers a URL, by the rules that all clients share: `*`, a domain with its subdomains (with or without
 * a leading dot), or an IP address, each with or without a port. A network such as 10.0.0.0/8 covers nothing, because Node's
 * clients do not support networks.
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

/** Returns the line for a shell's profile that adds the host to the list. */
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

/** Returns the `outbound_proxy` field of `--json`. */
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
