import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CliError } from './cli-error';
import { reasonOf } from './server';

/** Checks of the hops to a server below HTTP. Each throws a CliError that says what is broken and what to do. */

export const CONNECT_WITHIN_MS = 10_000;

/** Resolves a host name. @returns its first address. @throws CliError when it can't be resolved. */
export async function resolveName(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new CliError(
      `${host} can't be found (${reasonOf(error)}).`,
      'Check the address you logged in with, your DNS and your VPN.',
    );
  }
}

/** Opens a TCP connection and closes it again. @returns the port, for display. @throws CliError when it fails. */
export async function openConnection(host: string, port: number): Promise<string> {
  await established(
    `${host}:${port}`,
    'Is TraceVault running there, and does a firewall let you through?',
    (done) => connect({ host, port, timeout: CONNECT_WITHIN_MS }, done),
  );
  return `port ${port}`;
}

/**
 * Opens a TLS connection, verifies the certificate for the host, and closes it again.
 * @returns the protocol version.
 * @throws CliError when the connection or the verification fails.
 */
export async function openTls(host: string, port: number): Promise<string> {
  const socket = await established(
    `TLS with ${host}:${port}`,
    'Check the certificate. For a private authority set NODE_EXTRA_CA_CERTS to its file.',
    (done) =>
      connectTls(
        { host, port, servername: /^[\d.:]+$/.test(host) ? undefined : host, timeout: CONNECT_WITHIN_MS },
        done,
      ),
  );
  return socket.getProtocol() ?? 'TLS';
}

async function established<T extends ReturnType<typeof connect>>(
  what: string,
  hint: string,
  open: (done: () => void) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new CliError(`No connection: ${what} (${reason}).`, hint));
    };
    const socket = open(() => {
      socket.destroy();
      resolve(socket);
    });
    socket.once('error', (error) => fail(reasonOf(error)));
    socket.once('timeout', () => fail(`nothing within ${CONNECT_WITHIN_MS / 1000} s`));
  });
}
