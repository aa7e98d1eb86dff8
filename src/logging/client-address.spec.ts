import { clientAddress, networkOf } from './client-address';

describe('the address of a client', () => {
  it.each<[string, string | undefined, string | null, string]>([
    ['IPv4', '203.0.113.8', '203.0.113.8', '203.0.113.8'],
    ['IPv4 with a port', '203.0.113.8:40001', '203.0.113.8', '203.0.113.8'],
    ['IPv4 within IPv6', '::ffff:203.0.113.8', '203.0.113.8', '203.0.113.8'],
    ['IPv4 within IPv6, in upper case', '::FFFF:203.0.113.8', '203.0.113.8', '203.0.113.8'],
    ['IPv4 within IPv6, in hex', '::ffff:cb00:7108', '203.0.113.8', '203.0.113.8'],
    ['IPv4 within IPv6, written out', '0:0:0:0:0:ffff:cb00:7108', '203.0.113.8', '203.0.113.8'],
    ['IPv4 within IPv6, with a port', '[::ffff:203.0.113.8]:40001', '203.0.113.8', '203.0.113.8'],
    ['IPv6', '2001:db8:1:2::5', '2001:db8:1:2::5', '2001:db8:1:2::/64'],
    ['another address of its network', '2001:db8:1:2:a:b:c:d', '2001:db8:1:2:a:b:c:d', '2001:db8:1:2::/64'],
    ['another spelling', '2001:0DB8:0001:0002::5', '2001:0DB8:0001:0002::5', '2001:db8:1:2::/64'],
    ['another network', '2001:db8:1:3::5', '2001:db8:1:3::5', '2001:db8:1:3::/64'],
    ['IPv6 with a port', '[2001:db8::5]:40001', '2001:db8::5', '2001:db8:0:0::/64'],
    ['IPv6 in brackets', '[2001:db8::5]', '2001:db8::5', '2001:db8:0:0::/64'],
    ['IPv6 that ends like IPv4', '2001:db8::203.0.113.8', '2001:db8::203.0.113.8', '2001:db8:0:0::/64'],
    ['IPv6 with a zone', 'fe80::1%eth0', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['IPv6 of the machine itself', '::1', '::1', '0:0:0:0::/64'],
    ['IPv6 without an end', '2001:db8::', '2001:db8::', '2001:db8:0:0::/64'],
    ['a name', 'localhost', null, 'unknown'],
    ['a name of RFC 7239', '_hidden', null, 'unknown'],
    ['a port alone', ':40001', null, 'unknown'],
    ['something that is no port', '203.0.113.8:http', null, 'unknown'],
    ['IPv6 in half a bracket', '[2001:db8::5', null, 'unknown'],
    ['an end of line', '203.0.113.8:1\n', null, 'unknown'],
    ['nothing', '', null, 'unknown'],
    ['none', undefined, null, 'unknown'],
  ])('as %s', (_, said, address, network) => {
    expect(clientAddress(said)).toBe(address);
    expect(networkOf(said)).toBe(network);
  });
});
