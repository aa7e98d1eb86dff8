import { LookupAddress } from 'node:dns';
import { LookupFunction, Socket } from 'node:net';

/**
 * Remembers which address of a name was connected to last, and puts it first in later answers of the resolver. Each address
 * gets seconds to connect, and one that never answers (IPv6 without a way out, say) would cost them with each connection.
 */
export class PreferredAddress {
  private latest?: string;

  constructor(private readonly resolve: LookupFunction) {}

  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, options, (error, address, family) => {
      callback(error, Array.isArray(address) ? this.sorted(address) : address, family);
    });
  };

  /** Takes note of a connection that has just been made. */
  note({ remoteAddress }: Socket): void {
    if (remoteAddress !== undefined) this.latest = remoteAddress;
  }

  private sorted(addresses: LookupAddress[]): LookupAddress[] {
    const preferred = addresses.filter(({ address }) => address === this.latest);
    return preferred.length === 0 ? addresses : [...new Set([...preferred, ...addresses])];
  }
}
