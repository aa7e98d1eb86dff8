import { isIP } from 'node:net';

/** Some load balancers write a port into X-Forwarded-For, and around IPv6 its brackets. */
const WITH_PORT = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::\d+)?$/;
/** How a socket that is open to both calls an IPv4 client (RFC 4291 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/** The address alone, to be stored and shown: without a port, IPv4 as such. Null for what is no address. */
export function clientAddress(said: string | undefined): string | null {
  if (said === undefined || said.endsWith('\n')) return null;
  const { v4, v6 } = WITH_PORT.exec(said)?.groups ?? {};
  const address = v6 ?? v4 ?? said;
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : null;
  const groups = groupsOf(address);
  const isMapped = MAPPED.every((group, index) => groups[index] === group);
  return isMapped ? groups.slice(6).flatMap(bytesOf).join('.') : address;
}

/**
 * What counts as one client for a limit: an IPv4 address; of IPv6 the network of 64 bits, which whoever has an address
 * has all the others of. Everything that is no address counts as one.
 */
export function networkOf(said: string | undefined): string {
  const address = clientAddress(said);
  if (address === null) return 'unknown';
  if (isIP(address) === 4) return address;
  const network = groupsOf(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight numbers of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const plain = address.replace(/%.*$/, '').replace(/[\d.]+\.[\d.]+$/, asGroups);
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const gap = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...(tail ?? [])].map((group) => parseInt(group, 16));
}

/** The IPv4 spelling of the last two groups. */
function asGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function bytesOf(group: number): number[] {
  return [group >> 8, group & 255];
}
