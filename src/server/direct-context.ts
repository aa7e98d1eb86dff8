/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- Nest's interface has them */
import { ExecutionContext, Type } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';

/** The execution context for guards and filters of a directly called controller; Nest's own context allocates closures per request. */
export class DirectContext implements ExecutionContext {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly controller: Type<unknown>,
    private readonly handler: object,
  ) {}

  switchToHttp(): this {
    return this;
  }

  getRequest<Request>(): Request {
    return this.request as Request;
  }

  getResponse<Response>(): Response {
    return this.response as Response;
  }

  getNext<Next>(): Next {
    throw new Error('Nothing comes after a handler that is called directly');
  }

  getClass<Class>(): Type<Class> {
    return this.controller as Type<Class>;
  }

  getHandler(): ReturnType<ExecutionContext['getHandler']> {
    return this.handler as ReturnType<ExecutionContext['getHandler']>;
  }

  getArgs<Args extends unknown[]>(): Args {
    return [this.request, this.response] as unknown as Args;
  }

  getArgByIndex<Arg>(index: number): Arg {
    return this.getArgs()[index] as Arg;
  }

  getType<Kind extends string>(): Kind {
    return 'http' as Kind;
  }

  switchToRpc(): never {
    throw new Error('This is a request over HTTP');
  }

  switchToWs(): never {
    throw new Error('This is a request over HTTP');
  }
}
