import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { Registry } from 'prom-client';
import { Logger } from 'pino';
import { Config } from '../config/config';
import { StartError } from '../config/start-error';

class MetricsError extends StartError {
  override readonly name = 'MetricsError';

  constructor(port: number, cause: NodeJS.ErrnoException) {
    super(
      `Metrics can't be served on port ${port} (${cause.code ?? cause.message}). ` +
        'Set TRACEVAULT_METRICS_PORT to a free port, and TRACEVAULT_METRICS_HOST to an address of this machine.',
      { cause },
    );
  }
}

/**
 * Serves `GET /metrics` and nothing else, without authentication. The metrics contain no secrets but are not public either, so
 * they are served on a separate port and not on the server's own.
 * @param read returns the metrics in Prometheus's text format.
 * @throws MetricsError when the server can't listen on the port.
 */
export async function serveMetrics(
  { host, port }: NonNullable<Config['metrics']>,
  read: () => Promise<string>,
  logger: Logger,
): Promise<Server> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?', 1);
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    read().then(
      (text) =>
        response
          .writeHead(200, {
            'content-type': Registry.PROMETHEUS_CONTENT_TYPE,
            'content-length': Buffer.byteLength(text),
          })
          .end(request.method === 'GET' ? text : undefined),
      (error: unknown) => {
        logger.error({ err: error }, 'The metrics could not be read');
        response.writeHead(500).end();
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new MetricsError(port, error as NodeJS.ErrnoException);
  });
  return server;
}
