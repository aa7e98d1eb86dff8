import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { AgentOptions } from 'node:http';
import { CONFIG, Config } from '../config/config';
import { Provider } from '../providers/provider';
import { Routes } from '../providers/routes';
import { coalescedLookup } from './coalesced-lookup';
import { outboundAgent } from './outbound-agent';
import { PreferredAddress } from './preferred-address';
import { Upstream } from './upstream-request';

/** Hundreds of parallel calls from one person are normal; sockets that lie idle go before the other side drops them. */
const AGENT: AgentOptions = {
  keepAlive: true,
  scheduling: 'lifo', // so that those which are not needed lie idle, and go
  maxSockets: Infinity,
  maxFreeSockets: 256,
  timeout: 30_000,
};

/** How one provider is reached. */
export interface ProviderConnections {
  /** For the `host` header. */
  readonly host: string;
  /** Stands before each path; empty, or without a trailing slash. */
  readonly basePath: string;
  readonly upstream: Upstream;
}

/** The one way to the providers: whatever carries a key goes to its provider's place, by these connections. */
@Injectable()
export class UpstreamConnections implements OnApplicationShutdown {
  /** By the provider's id. */
  private readonly all: ReadonlyMap<string, ProviderConnections>;

  constructor(@Inject(CONFIG) { upstream }: Config, routes: Routes) {
    const providers = routes.list().map(({ provider }) => provider);
    this.all = new Map(providers.map((provider) => [provider.id, connectionsTo(provider, upstream)]));
  }

  to({ id }: Provider): ProviderConnections {
    const found = this.all.get(id);
    if (found === undefined) throw new Error(`No provider ${id}`);
    return found;
  }

  onApplicationShutdown(): void {
    for (const { upstream } of this.all.values()) upstream.agent.destroy();
  }
}

function connectionsTo({ id, origin, errors }: Provider, config: Config['upstream']): ProviderConnections {
  const base = new URL((Object.hasOwn(config.baseUrls, id) ? config.baseUrls[id] : undefined) ?? origin);
  const address = new PreferredAddress(coalescedLookup());
  const { protocol, port, host, hostname, pathname } = base;
  const { connectTimeoutMs } = config;
  return {
    host,
    basePath: pathname === '/' ? '' : pathname,
    upstream: {
      protocol,
      hostname: hostname.replace(/^\[|\]$/g, ''), // of an IPv6 address, for the URL alone
      port,
      connectTimeoutMs,
      agent: outboundAgent(protocol, config, { ...AGENT, lookup: address.lookup }),
      onConnected: (socket) => address.note(socket),
      requestIdHeaders: errors.requestIdHeaders,
    },
  };
}
