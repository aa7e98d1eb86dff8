import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { SignedInUser } from './principal';

const USER = Symbol('signed-in user');
type Authenticated = Request & { [USER]?: SignedInUser };

/** Set by the guards, read by `@CurrentUser()`. */
export function rememberUser(request: Request, user: SignedInUser): void {
  (request as Authenticated)[USER] = user;
}

/** The signed-in person, as the guard found them. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const user = context.switchToHttp().getRequest<Authenticated>()[USER];
  if (user === undefined) throw new Error('@CurrentUser() stands on a handler that no guard protects');
  return user;
});
