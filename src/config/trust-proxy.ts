import { isIP } from 'node:net';
import { Config } from './config';
import { Rule } from './env-rules';

type TrustProxy = Config['http']['trustProxy'];

/**
 * The rule for `false`, a number of hops (`true` counts as one), or a list of addresses and networks, as Express accepts
 * them.
 */
export const trustProxy: Rule<TrustProxy> = {
  takes: '`false`, `true`, 0 to 99, or a comma-separated list',
  problemOf: (text) => {
    const value = read(text);
    return Array.isArray(value) && !value.every(isNetwork)
      ? 'must be false, true, a number of proxies, or a comma-separated list of IP addresses, networks (10.0.0.0/8), loopback, linklocal, uniquelocal'
      : undefined;
  },
  read,
};

function read(text: string): TrustProxy {
  if (text === 'false') return false;
  if (text === 'true') return 1;
  if (/^\d{1,2}$/.test(text)) return Number(text);
  return text.split(',').map((part) => part.trim());
}

function isNetwork(part: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(part)) return true;
  const [address = '', prefix, ...rest] = part.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}
