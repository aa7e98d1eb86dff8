import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { UpstreamFailure } from '../exchange/facts';

/** The error of a connection attempt whose DNS, TCP and TLS together exceeded the connect timeout. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

/** The failures that the operating system's error codes stand for. */
const BY_CODE: Readonly<Record<string, UpstreamFailure>> = {
  ENOTFOUND: 'connect_dns',
  EAI_AGAIN: 'connect_dns',
  ECONNREFUSED: 'connect_refused',
  ETIMEDOUT: 'connect_timeout',
};

/** Classifies the failure of an upstream request that got no response, by how far it came. */
export function failureOf(error: Error, isConnected: boolean, socket: Socket | null): UpstreamFailure {
  if (isConnected) return 'no_answer';
  if (error instanceof ConnectTimeoutError) return 'connect_timeout';
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  // TCP was connected, so the failure (a reset included) happened in the TLS handshake.
  if (socket instanceof TLSSocket && syscall !== 'connect') return 'connect_tls';
  return 'connect_other';
}
