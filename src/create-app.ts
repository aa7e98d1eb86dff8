import { CanActivate, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'pino';
import { ApiThrottlerGuard } from './api/api-throttler.guard';
import { Attempts } from './api/attempts';
import { trustOf } from './api/client-networks';
import { setUpExplorer } from './api/explorer';
import { refuseAmbiguousHeads } from './api/head-error';
import { jsonBody } from './api/json-body';
import { limitByNetwork } from './api/limit-by-network';
import { ownHostAlone } from './api/own-host';
import { PUBLIC_METADATA } from './api/public';
import { securityHeaders } from './api/security-headers';
import { AppModule } from './app.module';
import { AuthGuard } from './auth/auth.guard';
import { DEVICE_LOGIN_FORMS } from './accounts/device-login.dto';
import { Config } from './config/config';
import { KeyUseObserver } from './credentials/key-use.observer';
import { Exchanges } from './exchange/exchanges';
import { DrainService } from './server/drain.service';
import { ConcurrencyLimits } from './limits/concurrency-limits';
import { NestLogger } from './logging/logger';
import { requestLog } from './logging/request-log';
import { RequestMetrics } from './metrics/request-metrics';
import { cliPackage } from './pages/cli-package';
import { pages } from './pages/pages';
import { PROVIDERS } from './providers/providers';
import { Routes } from './providers/routes';
import { ProxyController } from './proxy/proxy.controller';
import { describeProxy, introduce } from './proxy/proxy.openapi';
import { limitBodyTime } from './server/body-time-limit';
import { limitConnections } from './server/connection-limit';
import { directHandler, DirectRoute } from './server/direct-handler';
import { refuseUnreadable } from './server/unreadable-requests';
import { ProxyFirstAdapter } from './server/proxy-first-adapter';

/** For a whole request to arrive: 500 MiB over a slow line. The head alone keeps node:http's 60 s. */
const REQUEST_MS = 3_600_000;
/** Requests a minute for the explorer and its document, from one network; a page of it takes six. */
const EXPLORER_LIMIT = 300;

/** The proxy's handler, and how its controller opts out of the guards of everything else. */
const PROXY_ROUTE: DirectRoute = {
  controller: ProxyController as unknown as DirectRoute['controller'],
  method: 'forward' satisfies keyof ProxyController,
  optOuts: new Map<Type<CanActivate>, string>([
    [ApiThrottlerGuard, 'THROTTLER:SKIPdefault'], // what @SkipThrottle() sets
    [AuthGuard, PUBLIC_METADATA],
  ]),
};

/**
 * The whole server, not yet listening; main.ts and the tests start the very same.
 * @param providers the table of providers; another one in tests.
 */
export async function createApp(
  config: Config,
  logger: Logger,
  providers = PROVIDERS,
): Promise<NestExpressApplication> {
  const routes = new Routes(providers);
  const adapter = new ProxyFirstAdapter(routes);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(config, logger, routes),
    adapter,
    {
      bodyParser: false, // json-body.ts reads those of the API
      abortOnError: false,
      logger: new NestLogger(logger),
    },
  );
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', trustOf(config.http.trustProxy));

  adapter.beginIn(observed(app, config, logger));
  adapter.proxyBy(directHandler(app, PROXY_ROUTE));
  app.use(refuseAmbiguousHeads);
  app.use(securityHeaders(config.http.publicUrl)); // the proxy's response has the upstream's headers and no others
  app.use(ownHostAlone(config.http));
  app.use('/cli', cliPackage());
  app.use(pages());
  app.use('/api', jsonBody(config.rateLimits, DEVICE_LOGIN_FORMS));
  app.use(['/api/docs', '/api/docs-json'], limitByNetwork(new Attempts(EXPLORER_LIMIT, config.rateLimits)));
  setUpExplorer(app, config.http.publicUrl, introduce(routes.first.provider), (document) =>
    describeProxy(document, routes),
  );

  const server = app.getHttpServer();
  limitConnections(server, config.maxConnections, logger);
  refuseUnreadable(server, logger, routes.first.provider);
  server.keepAliveTimeout = config.keepAliveSeconds * 1000;
  server.requestTimeout = REQUEST_MS;
  server.maxHeadersCount = 0; // all of them: head-error.ts refuses too many, where node:http would drop some in silence
  return app;
}

/** Everybody who observes what goes through, told in this order. */
function observed(app: NestExpressApplication, config: Config, logger: Logger): Exchanges {
  const exchanges = app.get(Exchanges);
  exchanges.reportFailures((error, failures) => {
    if (failures === 1)
      logger.error({ err: error }, 'An observer of requests failed; the metrics count further ones');
  });
  exchanges.observe(limitBodyTime(config.bodyMs));
  exchanges.observe(app.get(ConcurrencyLimits));
  exchanges.observe(app.get(KeyUseObserver));
  exchanges.observe(requestLog(logger));
  if (config.metrics !== undefined) exchanges.observe(app.get(RequestMetrics));
  exchanges.observe(app.get(DrainService)); // the last: when it is idle, all of the others are through
  return exchanges;
}
