import { NextFunction, Request, Response } from 'express';
import { DrainService } from './drain.service';

/** Every request but the health checks, which come all the time and are not what a shutdown waits for. */
export function countOpenRequests(drain: DrainService) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!request.url.startsWith('/health/')) drain.track(response);
    next();
  };
}
