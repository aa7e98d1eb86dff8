import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { IncomingMessage } from 'node:http';
import { SignedInUser } from './principal';

const USER = Symbol('signed-in user');
type Authenticated = IncomingMessage & { [USER]?: SignedInUser };

/** Set by the guards, read by `@CurrentUser()`. */
export function rememberUser(request: IncomingMessage, user: SignedInUser): void {
  (request as Authenticated)[USER] = user;
}

/** The signed-in person, as the guard found them. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const user = context.switchToHttp().getRequest<Authenticated>()[USER];
  if (user === undefined) throw new Error('@CurrentUser() stands on a handler that no guard protects');
  return user;
});
