import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { clientOf } from '../logging/client';
import { clientAddress } from '../logging/client-address';

/** Where a request came from, as far as it can be known. */
export interface ClientInfo {
  readonly address: string | null;
  readonly client: string | null;
}

function clientInfoOf({ ip, headers }: Request): ClientInfo {
  // A reverse proxy that is trusted can still be told nonsense by its client.
  return { address: clientAddress(ip), client: clientOf(headers) };
}

/** The parameter of a handler that leaves a trace in the audit trail. */
export const RequestClientInfo = createParamDecorator((_: unknown, context: ExecutionContext): ClientInfo => {
  return clientInfoOf(context.switchToHttp().getRequest<Request>());
});
