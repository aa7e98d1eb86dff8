import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { exchangeOf } from '../exchange/exchange-of';
import { SignedInUser } from './principal';

/** The signed-in person, as the guard found them. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const caller = exchangeOf(context.switchToHttp().getResponse<ServerResponse>()).caller;
  if (caller === undefined || !isSignedIn(caller))
    throw new Error('@CurrentUser() stands on a handler that no guard protects');
  return caller;
});

function isSignedIn(caller: { readonly userId: string }): caller is SignedInUser {
  return 'sessionId' in caller;
}
