import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { ProxyCaller, SignedInUser } from './principal';

const USER = Symbol('signed-in user');
type Authenticated = IncomingMessage & { [USER]?: ProxyCaller };

/** Set by the guards, read by `@CurrentUser()`. */
export function rememberUser(request: IncomingMessage, user: ProxyCaller): void {
  (request as Authenticated)[USER] = user;
}

/** The signed-in person, as the guard found them. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const user = context.switchToHttp().getRequest<Authenticated>()[USER];
  if (user === undefined || !('sessionId' in user))
    throw new Error('@CurrentUser() stands on a handler that no guard protects');
  return user;
});

/** Whoever calls the proxy, as its guard found them. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): ProxyCaller => {
  const caller = context.switchToHttp().getRequest<Authenticated>()[USER];
  if (caller === undefined) throw new Error('@CurrentCaller() stands on a handler that no guard protects');
  return caller;
});
