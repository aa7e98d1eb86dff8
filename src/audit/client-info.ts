import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { clientOf } from '../logging/client';
import { clientAddress } from '../logging/client-address';

/** The origin of a request, as far as it is known. */
export interface ClientInfo {
  readonly address: string | null;
  readonly client: string | null;
}

/** Returns the origin of a request. */
export function clientInfoOf({ ip, headers }: Request): ClientInfo {
  // Even a trusted reverse proxy may forward an invalid address that its client sent.
  return { address: clientAddress(ip), client: clientOf(headers) };
}

/** A parameter decorator that provides the origin of the request for the audit trail. */
export const RequestClientInfo = createParamDecorator((_: unknown, context: ExecutionContext): ClientInfo => {
  return clientInfoOf(context.switchToHttp().getRequest<Request>());
});
