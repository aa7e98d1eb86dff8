import { isIP } from 'node:net';

/** Matches an address with a port, as some load balancers write it into X-Forwarded-For; IPv6 is then in brackets. */
const WITH_PORT = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::\d+)?$/;
/** The first six groups of an IPv4-mapped IPv6 address, as a dual-stack socket reports IPv4 clients (RFC 4291 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/**
 * Returns the address to be stored and displayed: without a port, and as IPv4 if it is IPv4-mapped.
 * @returns null for a text that is not an address.
 */
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
 * Returns the network that rate limits count as one client: a single IPv4 address, or the /64 network of an IPv6 address, since
 * whoever has one address of it usually controls all of them. All texts that are not an address count as one client.
 */
export function networkOf(said: string | undefined): string {
  const address = clientAddress(said);
  if (address === null) return 'unknown';
  if (isIP(address) === 4) return address;
  const network = groupsOf(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** Parses a valid IPv6 address into its eight groups. */
function groupsOf(address: string): number[] {
  const plain = address.replace(/%.*$/, '').replace(/[\d.]+\.[\d.]+$/, asGroups);
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const gap = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...(tail ?? [])].map((group) => parseInt(group, 16));
}

/** Converts the dotted IPv4 notation of an address's last 32 bits to two hexadecimal groups. */
function asGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function bytesOf(group: number): number[] {
  return [group >> 8, group & 255];
}
