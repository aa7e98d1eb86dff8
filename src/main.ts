import { NestExpressApplication } from '@nestjs/platform-express';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { Logger } from 'pino';
import { Config } from './config/config';
import { loadConfig } from './config/env';
import { createApp } from './create-app';
import { DrainService } from './server/drain.service';
import { createLogger } from './logging/logger';
import { PricesService } from './metering/prices.service';
import { PROVIDERS } from './providers/providers';
import { Primary } from './server/primary';
import { startFailure } from './server/start-failure';
import { endOnStopSignal, onSignals } from './server/stop-signals';
import { acceptedFiles, drainWhenOrphaned, tellPrimary } from './server/worker';

/**
 * The timeout for connecting to each address of a host name but the last, for the upstream, an outbound proxy and the database.
 * Node's default of 250 ms is too short for distant or lossy links, where TCP retransmits a lost SYN after a second.
 */
const ADDRESS_MS = 2_500;

/**
 * The V8 flag that disables pretenuring. With it V8 allocates objects directly in the old generation when most objects of the
 * same allocation site have survived. A request's objects live for milliseconds, even if they seem to survive at the start; in
 * the old generation they are collected late and at a high cost (docs/performance.md).
 */
const BORN_YOUNG = '--no-allocation-site-pretenuring';

/**
 * The V8 flag that lets the old generation grow by half before all of it is collected. By default it grows by a tenth in a process that
 * allocates little, so that a hundred streams paid for a collection every few seconds: 150 ms of CPU time each, in which their
 * events wait (docs/performance.md). It is set once the server listens, and changes nothing of the memory of a start.
 */
const ROOM_TO_GROW = '--heap-growing-percent=50';

async function main(): Promise<void> {
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_MS);
  setFlagsFromString(BORN_YOUNG);
  const started = endOnStopSignal();
  const config = loadConfig(process.env, cluster.isWorker ? await acceptedFiles() : undefined);
  const logger = loggerOf(config);
  logFatalErrors(logger);
  if (cluster.isPrimary && config.workers > 1) await supervise(config, logger, started);
  else await serve(config, logger, started);
  if (cluster.isPrimary) announce(config, logger);
}

/** Creates the process's logger; a worker's log lines contain its number. */
function loggerOf({ logLevel }: Config): Logger {
  const logger = createLogger(logLevel);
  return cluster.worker === undefined ? logger : logger.child({ worker: cluster.worker.id });
}

async function serve(config: Config, logger: Logger, started: () => boolean): Promise<void> {
  const app = await createApp(config, logger);
  await app.listen(config.http.port, config.http.host);
  setFlagsFromString(ROOM_TO_GROW);
  const prices = app.get(PricesService, { strict: false });
  onSignals(
    (signal) => exitAfter(shutDown(app, config.drainSeconds, signal, logger), logger),
    () => process.exit(1),
    () => prices.reload(),
  );
  if (started()) prices.reload();
  if (cluster.isPrimary) return;
  drainWhenOrphaned();
  await tellPrimary({ tracevault: 'ready' });
}

async function supervise(config: Config, logger: Logger, started: () => boolean): Promise<void> {
  const primary = new Primary(config, logger, __filename);
  await primary.start();
  onSignals(
    (signal) => exitAfter(primary.stop(signal), logger),
    () => {
      primary.kill('SIGKILL');
      process.exit(1);
    },
    () => primary.reload(),
  );
  if (started()) primary.reload();
}

function announce({ http: { publicUrl } }: Config, logger: Logger): void {
  const urls = {
    page: publicUrl,
    explorer: `${publicUrl}/api/docs`,
    proxy: `${publicUrl}${PROVIDERS[0].prefix}`,
  };
  if (!process.stdout.isTTY) {
    logger.child({}, { level: 'info' }).info(urls, 'TraceVault is ready'); // whatever LOG_LEVEL is
    return;
  }
  process.stdout.write(
    `\n  TraceVault is ready.\n\n  Web page      ${urls.page}\n  API explorer  ${urls.explorer}\n  Proxy         ${urls.proxy}\n\n  Ctrl-C stops it.\n\n`,
  );
}

function exitAfter(stopped: Promise<number>, logger: Logger): void {
  stopped.then(
    (code) => process.exit(code),
    (error: unknown) => {
      logger.fatal({ err: error }, 'Shutting down failed');
      process.exit(1);
    },
  );
}

/**
 * Drains the server and closes it: open streams may finish until the deadline, in seconds, and are aborted then.
 * @returns the exit code.
 */
async function shutDown(
  app: NestExpressApplication,
  seconds: number,
  signal: string,
  logger: Logger,
): Promise<number> {
  logger.info({ signal, deadline_seconds: seconds }, 'Draining: no new proxy requests, open ones run on');
  const cutOff = await app.get(DrainService).drain(seconds * 1000);
  if (cutOff.length > 0) logger.warn({ requests: cutOff.length }, 'The deadline cut off open requests');
  const server = app.getHttpServer();
  server.close(); // first, so that no connection is accepted after the existing ones are closed
  for (const exchange of cutOff) exchange.abortResponse(); // an HTTP/1.0 client would take a close for the end of the body
  server.closeAllConnections();
  const closing = cutOff.filter(({ hasEnded }) => !hasEnded).map(({ response }) => once(response, 'close'));
  await Promise.all(closing); // their observers leave writes that app.close() flushes
  await app.close();
  logger.info('Stopped');
  return 0;
}

/** Logs uncaught exceptions and exits. Node would print the error with all its fields, which can contain request headers. */
function logFatalErrors(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'An error that nobody caught; the process ends');
    process.exit(1);
  });
}

main().catch(async (error: unknown) => {
  const reason = startFailure(error);
  if (cluster.isWorker) await tellPrimary({ tracevault: 'cannot_start', reason });
  else process.stderr.write(`TraceVault can't start.\n${reason}\n`);
  process.exit(1);
});
