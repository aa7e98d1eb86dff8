import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { UpstreamFailure } from '../exchange/facts';

/** Thrown when DNS, TCP and TLS together took too long. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

/** What the operating system says of an attempt to connect. */
const BY_CODE: Readonly<Record<string, UpstreamFailure>> = {
  ENOTFOUND: 'connect_dns',
  EAI_AGAIN: 'connect_dns',
  ECONNREFUSED: 'connect_refused',
  ETIMEDOUT: 'connect_timeout',
};

/** How far a request came that has ended without an answer, in one of few words. */
export function failureOf(error: Error, isConnected: boolean, socket: Socket | null): UpstreamFailure {
  if (isConnected) return 'no_answer';
  if (error instanceof ConnectTimeoutError) return 'connect_timeout';
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  // TCP stood: whatever went wrong went wrong in the handshake, a reset in its middle included.
  if (socket instanceof TLSSocket && syscall !== 'connect') return 'connect_tls';
  return 'connect_other';
}
