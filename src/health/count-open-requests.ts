import { IncomingMessage, ServerResponse } from 'node:http';
import { DrainService } from './drain.service';

/** Every request but the health checks, which come all the time and are not what a shutdown waits for. */
export function countOpenRequests(drain: DrainService) {
  return ({ url }: IncomingMessage, response: ServerResponse): void => {
    if (url?.startsWith('/health/') !== true) drain.track(response);
  };
}
