import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ConnectTimeoutError, failureOf } from './upstream-failure';

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code, syscall });
}

describe('failureOf', () => {
  const tcp = new Socket();
  const tls = new TLSSocket(new Socket());

  it.each<[string, Error, Socket | null]>([
    ['connect_timeout', new ConnectTimeoutError('late'), tcp],
    ['connect_timeout', new ConnectTimeoutError('late'), null],
    ['connect_timeout', systemError('ETIMEDOUT', 'connect'), tls],
    ['connect_dns', systemError('ENOTFOUND', 'getaddrinfo'), tls],
    ['connect_dns', systemError('EAI_AGAIN', 'getaddrinfo'), null],
    ['connect_refused', systemError('ECONNREFUSED', 'connect'), tls],
    ['connect_tls', systemError('CERT_HAS_EXPIRED'), tls],
    ['connect_tls', systemError('ECONNRESET', 'read'), tls],
    ['connect_other', systemError('ENETUNREACH', 'connect'), tls],
    ['connect_other', systemError('ECONNRESET', 'read'), tcp],
    ['connect_other', new Error('of no kind'), null],
  ])('before the connection stands: %s of %s', (expected, error, socket) => {
    expect(failureOf(error, false, socket)).toBe(expected);
  });

  it.each([new ConnectTimeoutError('late'), systemError('ECONNRESET', 'read'), new Error('of no kind')])(
    'behind it, an answer is missing: %s',
    (error) => {
      expect(failureOf(error, true, tls)).toBe('no_answer');
    },
  );
});
