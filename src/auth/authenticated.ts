import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { exchangeOf } from '../exchange/exchange-of';
import { SignedInUser } from './principal';

/** A parameter decorator for the signed-in user, as the guard authenticated them. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser =>
  signedInUser(context),
);

/**
 * Returns the signed-in user, for a guard that runs after the API's.
 * @throws Error in a handler that is `@Public()`.
 */
export function signedInUser(context: ExecutionContext): SignedInUser {
  const caller = exchangeOf(context.switchToHttp().getResponse<ServerResponse>()).caller;
  if (caller === undefined || !isSignedIn(caller))
    throw new Error('Nobody is signed in: this handler is @Public(), and wants to know who calls');
  return caller;
}

function isSignedIn(caller: { readonly userId: string }): caller is SignedInUser {
  return 'sessionId' in caller;
}
