import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { isIP } from 'node:net';

const LONGEST_CLIENT = 256;

/** Where a request came from, as far as it can be known. */
export interface Origin {
  readonly address: string | null;
  readonly client: string | null;
}

function originOf({ ip, headers }: Request): Origin {
  // PostgreSQL has no room for a null character; node:http lets none in, and other controls have no place in a trail.
  const client = headers['user-agent']?.replace(/\p{Cc}/gu, '?').slice(0, LONGEST_CLIENT);
  // A reverse proxy that is trusted can still be told nonsense by its client.
  const address = ip !== undefined && isIP(ip) !== 0 ? ip : null;
  return { address, client: client ?? null };
}

/** The parameter of a handler that leaves a trace in the audit trail. */
export const RequestOrigin = createParamDecorator((_: unknown, context: ExecutionContext): Origin => {
  return originOf(context.switchToHttp().getRequest<Request>());
});
