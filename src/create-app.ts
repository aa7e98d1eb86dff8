import { CanActivate, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'pino';
import { ApiThrottlerGuard } from './api/api-throttler.guard';
import { Attempts } from './api/attempts';
import { trustOf } from './api/client-networks';
import { apiDocument, setUpExplorer } from './api/explorer';
import { refuseAmbiguousHeads } from './api/head-error';
import { jsonBody } from './api/json-body';
import { limitByNetwork } from './api/limit-by-network';
import { ownHostAlone } from './api/own-host';
import { PUBLIC_METADATA } from './api/public';
import { securityHeaders } from './api/security-headers';
import { AppModule } from './app.module';
import { AuthGuard } from './auth/auth.guard';
import { DEVICE_LOGIN_FORMS } from './accounts/device-login.dto';
import { Capture } from './capture/capture';
import { Config } from './config/config';
import { KeyUseObserver } from './credentials/key-use.observer';
import { Exchanges } from './exchange/exchanges';
import { DrainService } from './server/drain.service';
import { ConcurrencyLimits } from './limits/concurrency-limits';
import { Reservations } from './limits/reservations';
import { NestLogger } from './logging/logger';
import { requestLog } from './logging/request-log';
import { LimitsMetrics } from './metrics/limits-metrics';
import { RequestMetrics } from './metrics/request-metrics';
import { AgentSessions } from './metering/agent-sessions';
import { Meter } from './metering/meter';
import { cliPackage } from './pages/cli-package';
import { pages } from './pages/pages';
import { withOperatorRows } from './providers/operator-rows';
import { PROVIDERS } from './providers/providers';
import { Routes } from './providers/routes';
import { ProxyController } from './proxy/proxy.controller';
import { describeProxy, introduce } from './proxy/proxy.openapi';
import { limitBodyTime } from './server/body-time-limit';
import { limitConnections } from './server/connection-limit';
import { directHandler, DirectRoute } from './server/direct-handler';
import { refuseUnreadable } from './server/unreadable-requests';
import { ProxyFirstAdapter } from './server/proxy-first-adapter';
import { CallSpans } from './telemetry/call-spans';

/** The timeout for receiving a complete request, long enough for 500 MiB over a slow line. Headers keep node:http's 60 s. */
const REQUEST_MS = 3_600_000;
/** The maximum number of requests per minute and network for the API explorer and its document; one page load makes six. */
const EXPLORER_LIMIT = 300;

/** The proxy's handler, with the metadata by which its controller opts out of the global guards. */
const PROXY_ROUTE: DirectRoute = {
  controller: ProxyController as unknown as DirectRoute['controller'],
  method: 'forward' satisfies keyof ProxyController,
  optOuts: new Map<Type<CanActivate>, string>([
    [ApiThrottlerGuard, 'THROTTLER:SKIPdefault'], // what @SkipThrottle() sets
    [AuthGuard, PUBLIC_METADATA],
  ]),
};

/**
 * Creates the complete server, not yet listening, for main.ts and for the tests.
 * @param providers the table of providers, or a different one in tests.
 * @throws StartError when the server can't start; its message says what to fix.
 */
export async function createApp(
  config: Config,
  logger: Logger,
  providers = PROVIDERS,
): Promise<NestExpressApplication> {
  const routes = new Routes(withOperatorRows(providers, config.providers));
  const adapter = new ProxyFirstAdapter(routes, config.webSockets);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(config, logger, routes),
    adapter,
    {
      bodyParser: false, // json-body.ts parses the API's bodies
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
  app.use(securityHeaders(config.http.publicUrl)); // not on proxied responses, which have the upstream's headers only
  app.use(ownHostAlone(config.http));
  app.use('/cli', cliPackage());
  app.use(pages());
  app.use('/api', jsonBody(config.rateLimits, DEVICE_LOGIN_FORMS));
  app.use(['/api/docs', '/api/docs-json'], limitByNetwork(new Attempts(EXPLORER_LIMIT, config.rateLimits)));
  const { publicUrl } = config.http;
  setUpExplorer(
    app,
    () => describeProxy(apiDocument(app, publicUrl, introduce(routes.first.provider)), routes),
    config.documentAtStart,
  );

  const server = app.getHttpServer();
  limitConnections(server, config.maxConnections, logger);
  refuseUnreadable(server, logger, routes.first.provider);
  server.keepAliveTimeout = config.keepAliveSeconds * 1000;
  server.requestTimeout = REQUEST_MS;
  server.maxHeadersCount = 0; // unlimited: node:http would silently drop the excess; head-error.ts refuses the request
  return app;
}

/** Registers all observers of exchanges, in the order in which they are notified. */
function observed(app: NestExpressApplication, config: Config, logger: Logger): Exchanges {
  const exchanges = app.get(Exchanges);
  exchanges.reportFailures((error, failures) => {
    if (failures === 1)
      logger.error({ err: error }, 'An observer of requests failed; the metrics count further ones');
  });
  exchanges.observe(limitBodyTime(config.bodyMs));
  exchanges.observe(app.get(ConcurrencyLimits));
  exchanges.observe(app.get(KeyUseObserver));
  exchanges.observe(app.get(Reservations, { strict: false }));
  exchanges.observe(app.get(AgentSessions, { strict: false })); // before those who read what it finds
  exchanges.observe(app.get(Meter, { strict: false }));
  exchanges.observe(app.get(Capture, { strict: false }));
  if (config.otlp !== undefined) exchanges.observe(app.get(CallSpans, { strict: false }));
  exchanges.observe(requestLog(logger));
  if (config.metrics !== undefined) {
    exchanges.observe(app.get(RequestMetrics));
    exchanges.observe(app.get(LimitsMetrics));
  }
  exchanges.observe(app.get(DrainService)); // last: when it reports idle, all other observers have finished
  return exchanges;
}
