import { ArgumentsHost, CanActivate, ExceptionFilter, ExecutionContext, Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  EXCEPTION_FILTERS_METADATA,
  FILTER_CATCH_EXCEPTIONS,
  GUARDS_METADATA,
  HEADERS_METADATA,
  HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  REDIRECT_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants';
import { ApplicationConfig } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import { IncomingMessage, ServerResponse } from 'node:http';
import { DirectContext } from './direct-context';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A controller's method that is called directly, without Nest's router. */
export interface DirectRoute {
  readonly controller: Type<Record<string, (...args: unknown[]) => unknown>>;
  readonly method: string;
  /** The global guards, and the metadata by which the controller opts out of each. */
  readonly optOuts: ReadonlyMap<Type<CanActivate>, string>;
}

/** The features of a Nest route that directHandler() does not support, by their metadata keys. */
const NOT_RUN = {
  pipe: PIPES_METADATA,
  interceptor: INTERCEPTORS_METADATA,
  'HTTP code': HTTP_CODE_METADATA,
  header: HEADERS_METADATA,
  redirect: REDIRECT_METADATA,
};

/**
 * Creates a handler that runs a controller's guards, its method and its filter, as declared by their decorators, and nothing
 * else: Nest's own dispatch costs two thirds more per request (docs/performance.md).
 * @throws Error at startup when a decorator or a global guard or interceptor would not be run.
 */
export function directHandler(app: NestExpressApplication, route: DirectRoute): Handler {
  const { controller, method } = route;
  const handler = (controller.prototype as Record<string, object>)[method];
  if (handler === undefined) throw new Error(`${controller.name} has no method ${method}`);
  const read = <Value>(key: string): Value[] =>
    [controller, handler].flatMap(
      (target) => (Reflect.getMetadata(key, target) as Value[] | undefined) ?? [],
    );

  for (const [name, key] of Object.entries(NOT_RUN))
    if (read(key).length > 0) refuse(route, `a ${name} of its own`);
  refuseOtherArguments(route);
  refuseGlobals(app, route);

  const guards = read<Type<CanActivate>>(GUARDS_METADATA).map((guard) => app.get(guard, { strict: false }));
  const filters = read<Type<ExceptionFilter>>(EXCEPTION_FILTERS_METADATA);
  const [filterType] = filters;
  if (filterType === undefined || filters.length > 1 || !catchesAll(filterType))
    refuse(route, 'other filters than one that catches everything');
  const filter = app.get(filterType, { strict: false });
  const instance = app.get(controller, { strict: false });

  return async (request, response) => {
    const context = new DirectContext(request, response, controller, handler);
    try {
      for (const guard of guards) await passed(guard, context);
      await instance[method]?.(request, response);
    } catch (error) {
      caught(filter, error, context);
    }
  };
}

async function passed(guard: CanActivate, context: ExecutionContext): Promise<void> {
  if ((await guard.canActivate(context)) !== true) throw new Error('A guard said no without a reason');
}

/** Runs the filter. If the filter itself throws, the connection is closed, because an uncaught error would end the process. */
function caught(filter: ExceptionFilter, error: unknown, host: ArgumentsHost): void {
  try {
    filter.catch(error, host);
  } catch {
    host.switchToHttp().getResponse<ServerResponse>().destroy();
  }
}

function catchesAll(filter: Type<ExceptionFilter>): boolean {
  return (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, filter) as unknown[] | undefined)?.length === 0;
}

/** Refuses parameters other than the request and the response, in this order: any other decorator would yield undefined. */
function refuseOtherArguments(route: DirectRoute): void {
  const { controller, method } = route;
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as object;
  const custom = Object.keys(args).some((key) => key.includes(CUSTOM_ROUTE_ARGS_METADATA));
  const known = Object.keys(args).sort().join();
  if (custom || known !== '0:0,1:1') refuse(route, 'other arguments than @Req() and @Res()');
}

function refuseGlobals(app: NestExpressApplication, route: DirectRoute): void {
  const { controller, optOuts } = route;
  const { config } = app as unknown as { readonly config: ApplicationConfig };
  for (const guard of [...config.getGlobalGuards(), ...config.getGlobalRequestGuards()]) {
    const optOut = [...optOuts].find(([type]) => guard instanceof type)?.[1];
    if (optOut === undefined || Reflect.getMetadata(optOut, controller) !== true)
      refuse(route, `the global guard ${guard.constructor.name}, of which it does not opt out`);
  }
  const interceptors = [...config.getGlobalInterceptors(), ...config.getGlobalRequestInterceptors()];
  if (interceptors.length > 0) refuse(route, 'a global interceptor');
  // Global pipes apply to decorated arguments only, of which there are none; global filters to what no route's filter catches.
}

function refuse({ controller, method }: DirectRoute, what: string): never {
  throw new Error(
    `${controller.name}.${method} is called directly, and has ${what}, which would not be run. See server/direct-handler.ts.`,
  );
}
