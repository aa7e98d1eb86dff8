import {
  All,
  ArgumentsHost,
  CallHandler,
  CanActivate,
  Catch,
  Controller,
  createParamDecorator,
  ExceptionFilter,
  ExecutionContext,
  Header,
  HttpCode,
  Injectable,
  Module,
  NestInterceptor,
  Param,
  Provider,
  Req,
  Res,
  SetMetadata,
  Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import { IncomingMessage, ServerResponse } from 'node:http';
import { directHandler, DirectRoute } from '../src/server/direct-handler';

const said: string[] = [];

@Injectable()
class First implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    said.push(`first ${context.getClass().name}`);
    return true;
  }
}

@Injectable()
class Second implements CanActivate {
  canActivate(context: ExecutionContext): Promise<boolean> {
    said.push('second');
    return Promise.resolve(context.switchToHttp().getRequest<IncomingMessage>().url !== '/no');
  }
}

@Catch()
class Everything implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    said.push(`filter: ${error.message}`);
    if (error.message === 'beyond help') throw error;
    host.switchToHttp().getResponse<ServerResponse>().end();
  }
}

@Catch(TypeError)
class TypeErrors implements ExceptionFilter {
  catch(): void {
    throw new Error('Never called');
  }
}

@Injectable()
class Watching implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    return next.handle();
  }
}

const Custom = createParamDecorator(() => 'custom');
const optedOut = SetMetadata('opted out', true);

@Controller()
@optedOut
@UseGuards(First)
@UseFilters(Everything)
class Plain {
  @All('x')
  @UseGuards(Second)
  run(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    said.push('method');
    if (request.url !== '/fine') throw new Error(request.url === '/dead' ? 'beyond help' : 'broken');
    response.end();
  }
}

/** The same with one decorator more. */
function withClassDecorator(decorator: ClassDecorator): Type {
  @Controller()
  @optedOut
  @decorator
  @UseFilters(Everything)
  class Decorated {
    @All('x')
    run(@Req() _: IncomingMessage, @Res() response: ServerResponse): void {
      response.end();
    }
  }
  return Decorated;
}

function withMethodDecorator(decorator: MethodDecorator): Type {
  @Controller()
  @optedOut
  @UseFilters(Everything)
  class Decorated {
    @All('x')
    @decorator
    run(@Req() _: IncomingMessage, @Res() response: ServerResponse): void {
      response.end();
    }
  }
  return Decorated;
}

function withArgument(decorator: ParameterDecorator): Type {
  @Controller()
  @optedOut
  @UseFilters(Everything)
  class Decorated {
    @All('x')
    run(@Req() _: IncomingMessage, @Res() response: ServerResponse, @decorator more: unknown): void {
      response.end(more);
    }
  }
  return Decorated;
}

@Controller()
@UseFilters(Everything)
class NotOptedOut {
  @All('x')
  run(@Req() _: IncomingMessage, @Res() response: ServerResponse): void {
    response.end();
  }
}

@Controller()
@optedOut
class Unfiltered {
  @All('x')
  run(@Req() _: IncomingMessage, @Res() response: ServerResponse): void {
    response.end();
  }
}

describe('a handler that is called directly', () => {
  let app: NestExpressApplication | undefined;
  beforeEach(() => void (said.length = 0));
  afterEach(() => app?.close());

  async function make(
    controller: Type,
    providers: Provider[] = [],
  ): Promise<ReturnType<typeof directHandler>> {
    @Module({ controllers: [controller], providers: [...providers] })
    class OneController {}
    app = await NestFactory.create<NestExpressApplication>(OneController, {
      logger: false,
      abortOnError: false,
    });
    const optOuts = new Map<Type<CanActivate>, string>([[First, 'opted out']]);
    return directHandler(app, {
      controller: controller as DirectRoute['controller'],
      method: 'run',
      optOuts,
    });
  }

  it.each([
    ['/fine', ['first Plain', 'second', 'method'], { isEnded: true, isDestroyed: false }],
    [
      '/no',
      ['first Plain', 'second', 'filter: A guard said no without a reason'],
      { isEnded: true, isDestroyed: false },
    ],
    ['/bad', ['first Plain', 'second', 'method', 'filter: broken'], { isEnded: true, isDestroyed: false }],
    [
      '/dead',
      ['first Plain', 'second', 'method', 'filter: beyond help'],
      { isEnded: false, isDestroyed: true },
    ],
  ])(
    'runs the guards in order, the method and the filter: %s',
    async (url, expected, { isEnded, isDestroyed }) => {
      const handler = await make(Plain, [{ provide: APP_GUARD, useClass: First }]);
      const request = Object.assign(Object.create(IncomingMessage.prototype) as IncomingMessage, { url });
      const response = new ServerResponse(request);
      await handler(request, response);
      expect(said).toEqual(expected);
      expect([response.writableEnded, response.destroyed]).toEqual([isEnded, isDestroyed]);
    },
  );

  it.each<[string, Type, Provider[], RegExp]>([
    [
      'an interceptor on the class',
      withClassDecorator(UseInterceptors(Watching)),
      [],
      /a interceptor of its own/,
    ],
    [
      'an interceptor on the method',
      withMethodDecorator(UseInterceptors(Watching)),
      [],
      /a interceptor of its own/,
    ],
    ['a pipe on the class', withClassDecorator(UsePipes(ValidationPipe)), [], /a pipe of its own/],
    ['a pipe on the method', withMethodDecorator(UsePipes(ValidationPipe)), [], /a pipe of its own/],
    ['a header', withMethodDecorator(Header('x', 'y')), [], /a header of its own/],
    ['a status', withMethodDecorator(HttpCode(201)), [], /a HTTP code of its own/],
    ['another filter', withClassDecorator(UseFilters(TypeErrors)), [], /other filters/],
    ['no filter', Unfiltered, [], /other filters/],
    ['an argument of a decorator of its own', withArgument(Custom()), [], /other arguments/],
    ['an argument of the path', withArgument(Param('x')), [], /other arguments/],
    [
      'a global guard that it does not opt out of',
      NotOptedOut,
      [{ provide: APP_GUARD, useClass: First }],
      /global guard First/,
    ],
    [
      'a global guard that nobody can opt out of',
      Plain,
      [{ provide: APP_GUARD, useClass: Second }],
      /global guard Second/,
    ],
    [
      'a global interceptor',
      Plain,
      [{ provide: APP_INTERCEPTOR, useClass: Watching }],
      /a global interceptor/,
    ],
  ])('is not made where it would leave out %s', async (_, controller, providers, reason) => {
    await expect(make(controller, providers)).rejects.toThrow(reason);
  });
});
