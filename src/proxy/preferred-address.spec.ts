import { LookupAddress } from 'node:dns';
import { LookupFunction, Socket } from 'node:net';
import { PreferredAddress } from './preferred-address';

const ADDRESSES = ['2001:db8::1', '192.0.2.1', '192.0.2.2'].map((address) => ({ address, family: 4 }));

describe('PreferredAddress', () => {
  const ask = (preferred: PreferredAddress, all = true): unknown[] => {
    let answer: unknown[] = [];
    preferred.lookup('api.example.com', { all }, (...given) => (answer = given));
    return answer;
  };
  const order = (preferred: PreferredAddress): string[] =>
    (ask(preferred)[1] as LookupAddress[]).map(({ address }) => address);
  const connected = (remoteAddress: string | undefined): Socket => ({ remoteAddress }) as Socket;
  const resolve: LookupFunction = (_, { all }, callback) => {
    if (all === true) callback(null, ADDRESSES);
    else callback(null, '192.0.2.1', 4);
  };

  it('leaves the resolver’s order until a connection is made', () => {
    expect(order(new PreferredAddress(resolve))).toEqual(['2001:db8::1', '192.0.2.1', '192.0.2.2']);
  });

  it('puts the address that was connected to last first, and keeps the others', () => {
    const preferred = new PreferredAddress(resolve);
    preferred.note(connected('192.0.2.1'));
    preferred.note(connected('192.0.2.2'));
    preferred.note(connected(undefined));
    expect(order(preferred)).toEqual(['192.0.2.2', '2001:db8::1', '192.0.2.1']);
  });

  it('invents no address that the resolver no longer gives', () => {
    const preferred = new PreferredAddress(resolve);
    preferred.note(connected('198.51.100.9'));
    expect(order(preferred)).toEqual(['2001:db8::1', '192.0.2.1', '192.0.2.2']);
  });

  it('passes a single address and a failure on as they are', () => {
    expect(ask(new PreferredAddress(resolve), false)).toEqual([null, '192.0.2.1', 4]);
    const error = new Error('not found');
    const failing = new PreferredAddress((_host, _options, callback) => callback(error, ''));
    expect(ask(failing)).toEqual([error, '', undefined]);
  });
});
