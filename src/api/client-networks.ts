import { Inject, Injectable } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { CONFIG, Config } from '../config/config';
import { clientAddress, networkOf } from '../logging/client-address';

type Trust = (address: string | undefined, hop: number) => boolean;

/**
 * Returns the predicate that decides whether a hop is a trusted reverse proxy, which may say who its client is. A port
 * beside the address is ignored.
 */
export function trustOf(trustProxy: Config['http']['trustProxy']): Trust {
  if (trustProxy === false) return () => false;
  if (typeof trustProxy === 'number') return (_, hop) => hop < trustProxy;
  const isTrusted = proxyAddr.compile([...trustProxy]);
  return (address, hop) => isTrusted(clientAddress(address) ?? undefined, hop);
}

/** Determines the network that a request comes from. It does not rely on Express, which never sees the proxy's requests. */
@Injectable()
export class ClientNetworks {
  private readonly isTrusted: Trust;

  constructor(@Inject(CONFIG) { http }: Config) {
    this.isTrusted = trustOf(http.trustProxy);
  }

  of(request: IncomingMessage): string {
    return networkOf(proxyAddr(request, this.isTrusted));
  }
}
