import { Inject, Injectable } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { CONFIG, Config } from '../config/config';
import { clientAddress, networkOf } from '../logging/client-address';

type Trust = (address: string | undefined, hop: number) => boolean;

/** Whether a hop is a reverse proxy that may say who its client is; a port beside its address changes nothing. */
export function trustOf(trustProxy: Config['http']['trustProxy']): Trust {
  if (trustProxy === false) return () => false;
  if (typeof trustProxy === 'number') return (_, hop) => hop < trustProxy;
  const isTrusted = proxyAddr.compile([...trustProxy]);
  return (address, hop) => isTrusted(clientAddress(address) ?? undefined, hop);
}

/** From which network a request comes. The proxy's requests never see Express, which would know it otherwise. */
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
