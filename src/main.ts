import { NestExpressApplication } from '@nestjs/platform-express';
import { once } from 'node:events';
import { Logger } from 'pino';
import { Config } from './config/config';
import { loadConfig } from './config/env';
import { createApp } from './create-app';
import { DrainService } from './health/drain.service';
import { createLogger } from './logging/logger';
import { breakOff } from './proxy/relay';
import { startFailure } from './start-failure';

async function main(): Promise<void> {
  const started = endOnSignal();
  const config = loadConfig(process.env);
  const logger = createLogger(config.logLevel);
  logFatalErrors(logger);
  const app = await createApp(config, logger);
  await app.listen(config.http.port, config.http.host);
  drainOnSignal(app, config, logger);
  started();
  announce(config, logger);
}

function announce({ http: { publicUrl } }: Config, logger: Logger): void {
  const urls = {
    page: publicUrl,
    explorer: `${publicUrl}/api/docs`,
    proxy: `${publicUrl}/proxy/anthropic`,
  };
  if (!process.stdout.isTTY) {
    logger.child({}, { level: 'info' }).info(urls, 'TraceVault is ready'); // whatever LOG_LEVEL is
    return;
  }
  process.stdout.write(
    `\n  TraceVault is ready.\n\n  Web page      ${urls.page}\n  API explorer  ${urls.explorer}\n  Proxy         ${urls.proxy}\n\n  Ctrl-C stops it.\n\n`,
  );
}

/**
 * While it starts nothing is open yet, so a signal just ends it. It has to be said: in a container this is process 1, where
 * signals have no default, and a server that waits for its database would not hear that it should stop.
 * @returns what takes that back.
 */
function endOnSignal(): () => void {
  const onTerm = (): never => process.exit(143);
  const onInt = (): never => process.exit(130);
  process.on('SIGTERM', onTerm).on('SIGINT', onInt);
  return () => process.off('SIGTERM', onTerm).off('SIGINT', onInt);
}

/** One Ctrl-C can arrive twice: from the terminal, and from npm, which passes it on. */
const ONE_SIGNAL_MS = 500;

/** The first signal lets open streams run to their end, or to the deadline; a later one doesn't wait. */
function drainOnSignal(app: NestExpressApplication, { drainSeconds }: Config, logger: Logger): void {
  let drainingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (drainingSince !== undefined) {
      if (performance.now() - drainingSince > ONE_SIGNAL_MS) process.exit(1);
      return;
    }
    drainingSince = performance.now();
    shutDown(app, drainSeconds, signal, logger).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.fatal({ err: error }, 'Shutting down failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function shutDown(
  app: NestExpressApplication,
  seconds: number,
  signal: string,
  logger: Logger,
): Promise<void> {
  logger.info({ signal, deadline_seconds: seconds }, 'Draining: no new proxy requests, open ones run on');
  const cutOff = await app.get(DrainService).drain(seconds * 1000);
  if (cutOff.length > 0) logger.warn({ requests: cutOff.length }, 'The deadline cut off open requests');
  const server = app.getHttpServer();
  server.close(); // first, so that no connection comes in behind those that are closed now
  cutOff.forEach(breakOff); // or a client of HTTP/1.0 would take the end of the connection for the end of its answer
  server.closeAllConnections();
  const closing = cutOff.filter(({ closed }) => !closed).map((response) => once(response, 'close'));
  await Promise.all(closing); // they leave something to be written
  await app.close();
  logger.info('Stopped');
}

/** Node's own last words would print an error with all its fields, and some hold a request's headers. */
function logFatalErrors(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'An error that nobody caught; the process ends');
    process.exit(1);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`TraceVault can't start.\n${startFailure(error)}\n`);
  process.exit(1);
});
