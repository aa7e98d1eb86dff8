import { LookupAddress } from 'node:dns';
import { LookupFunction, Socket } from 'node:net';

/**
 * Remembers the address that was last connected to, and puts it first in later results of the resolver. Each address has
 * seconds to connect, and one that never responds (IPv6 without a route, for example) would cost them for every connection.
 */
export class PreferredAddress {
  private latest?: string;

  constructor(private readonly resolve: LookupFunction) {}

  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, options, (error, address, family) => {
      callback(error, Array.isArray(address) ? this.sorted(address) : address, family);
    });
  };

  /** Records the address of a newly established connection as the preferred one. */
  note({ remoteAddress }: Socket): void {
    if (remoteAddress !== undefined) this.latest = remoteAddress;
  }

  private sorted(addresses: LookupAddress[]): LookupAddress[] {
    const preferred = addresses.filter(({ address }) => address === this.latest);
    return preferred.length === 0 ? addresses : [...new Set([...preferred, ...addresses])];
  }
}
