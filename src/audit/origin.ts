import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { isIP } from 'node:net';
import { clientOf } from '../logging/client';

/** Where a request came from, as far as it can be known. */
export interface Origin {
  readonly address: string | null;
  readonly client: string | null;
}

function originOf({ ip, headers }: Request): Origin {
  // A reverse proxy that is trusted can still be told nonsense by its client.
  const address = ip !== undefined && isIP(ip) !== 0 ? ip : null;
  return { address, client: clientOf(headers) };
}

/** The parameter of a handler that leaves a trace in the audit trail. */
export const RequestOrigin = createParamDecorator((_: unknown, context: ExecutionContext): Origin => {
  return originOf(context.switchToHttp().getRequest<Request>());
});
