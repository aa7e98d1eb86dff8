import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Config } from '../config/config';
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
