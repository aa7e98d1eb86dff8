import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { CONFIG, Config } from '../config/config';
import { joinedLookup } from './joined-lookup';
import { PreferredAddress } from './preferred-address';
import { TunnelAgent } from './tunnel-agent';
import { Upstream } from './upstream-request';

/** Hundreds of parallel calls from one person are normal; sockets that lie idle go before the other side drops them. */
const AGENT: AgentOptions = {
  keepAlive: true,
  scheduling: 'lifo', // so that those which are not needed lie idle, and go
  maxSockets: Infinity,
  maxFreeSockets: 256,
  timeout: 30_000,
};

/** The one way to the upstream: whatever carries a key goes to this place, by these connections. */
@Injectable()
export class UpstreamConnections implements OnApplicationShutdown {
  /** For the `host` header. */
  readonly host: string;
  /** Stands before each path; empty, or without a trailing slash. */
  readonly basePath: string;
  readonly agent: HttpAgent;
  readonly upstream: Upstream;

  constructor(@Inject(CONFIG) { upstream }: Config) {
    const base = new URL(upstream.baseUrl);
    this.host = base.host;
    this.basePath = base.pathname === '/' ? '' : base.pathname;
    const address = new PreferredAddress(joinedLookup());
    const { protocol, port } = base;
    const { connectTimeoutMs } = upstream;
    this.agent = agentFor(protocol, upstream, { ...AGENT, lookup: address.lookup });
    this.upstream = {
      protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''), // of an IPv6 address, for the URL alone
      port,
      connectTimeoutMs,
      agent: this.agent,
      onConnected: (socket) => address.note(socket),
    };
  }

  onApplicationShutdown(): void {
    this.agent.destroy();
  }
}

function agentFor(
  protocol: string,
  { outboundProxy, connectTimeoutMs }: Config['upstream'],
  options: AgentOptions,
): HttpAgent {
  if (outboundProxy !== undefined)
    return new TunnelAgent(new URL(outboundProxy), protocol, connectTimeoutMs, options);
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}
