import { CliError } from './cli-error';
import { CONNECT_WITHIN_MS } from './network-hops';
import { Answer, reasonOf, userAgent } from './server';
import { sanitized } from './terminal';

/** Asks the server whether it is ready. @throws CliError when it is not, or something else answers. */
export async function askServer(server: string): Promise<string> {
  const { status, body } = await health(server);
  if (status === 200) return 'ready';
  const reason =
    body.draining === true ? 'it is shutting down' : `its database is ${sanitized(String(body.database))}`;
  throw new CliError(
    `The server is not ready: ${reason}.`,
    'Try again shortly; tell your administrator if it lasts.',
  );
}

async function health(server: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${server}/health/ready`, {
      redirect: 'manual',
      headers: { 'user-agent': userAgent() },
      signal: AbortSignal.timeout(CONNECT_WITHIN_MS),
    });
  } catch (error) {
    throw new CliError(
      `It takes connections and does not answer (${reasonOf(error)}).`,
      'Is it TraceVault that listens there?',
    );
  }
  const body = (await response.json().catch(() => undefined)) as Answer['body'] | null | undefined;
  if (body === undefined || body === null || !('database' in body)) {
    throw new CliError(
      'Something answers there that is not TraceVault.',
      'Check the address you logged in with.',
    );
  }
  return { status: response.status, body };
}
