import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Config } from '../config/config';
import { isLoopback } from '../config/env-rules';
import { TunnelAgent } from './tunnel-agent';

/** Creates an agent for connections out of the server, through the outbound proxy if there is one. */
export function outboundAgent(
  protocol: string,
  { outboundProxy, connectTimeoutMs }: Config['upstream'],
  options: AgentOptions,
): HttpAgent {
  if (outboundProxy !== undefined)
    return new TunnelAgent(new URL(outboundProxy), protocol, connectTimeoutMs, options);
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

/**
 * Creates an agent for connections to a server of the operator's, through the outbound proxy if there is one and the server is not on this
 * machine: the proxy would take a loopback address for its own.
 */
export function operatorAgent(url: string, upstream: Config['upstream'], options: AgentOptions): HttpAgent {
  const { protocol, hostname } = new URL(url);
  const isHere = isLoopback(hostname.replace(/^\[|\]$/g, ''));
  return outboundAgent(protocol, isHere ? { ...upstream, outboundProxy: undefined } : upstream, options);
}
