import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CliError } from './cli-error';
import { reasonOf } from './server';

/** The way to a server below HTTP, hop by hop. Each that is broken throws a CliError: what, and what to do. */

export const CONNECT_WITHIN_MS = 10_000;

/** @returns its address. */
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

/** TCP alone, closed again. */
export async function openConnection(host: string, port: number): Promise<string> {
  await established(
    `${host}:${port}`,
    'Is TraceVault running there, and does a firewall let you through?',
    (done) => connect({ host, port, timeout: CONNECT_WITHIN_MS }, done),
  );
  return `port ${port}`;
}

/** TLS, with a certificate that is good for the host; closed again. @returns its version. */
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
