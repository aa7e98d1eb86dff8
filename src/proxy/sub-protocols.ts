import { KeySource } from '../exchange/facts';
import { WebSockets } from '../providers/provider';

/** The header with a WebSocket's sub-protocols, in lower case. */
export const SUB_PROTOCOLS = 'sec-websocket-protocol';

/** Returns the token among a WebSocket's sub-protocols, where clients that can set no header put it. */
export function subProtocolToken(
  offered: string | undefined,
  { tokenProtocol }: WebSockets,
): string | undefined {
  const protocol = listOf(offered).find((one) => startsWith(one, tokenProtocol));
  return protocol?.slice(tokenProtocol.length) || undefined;
}

/**
 * Returns the sub-protocols that are offered to the provider: none that carries a credential, since the key is in its
 * header, and with an organization's key none that names an account.
 */
export function forwardedSubProtocols(
  offered: string | undefined,
  { tokenProtocol, withOwnKey }: WebSockets,
  keySource: KeySource,
): string[] {
  const withheld = keySource === 'own' ? [tokenProtocol] : [tokenProtocol, ...withOwnKey];
  return listOf(offered).filter((one) => !withheld.some((prefix) => startsWith(one, prefix)));
}

function listOf(offered = ''): string[] {
  return offered
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** A prefix in any case: what carries a credential must not pass because of a capital letter. */
function startsWith(protocol: string, prefix: string): boolean {
  return protocol.slice(0, prefix.length).toLowerCase() === prefix;
}
