import { NextFunction, Request, RequestHandler, Response } from 'express';
import { networkOf } from '../logging/client-address';
import { Attempts } from './attempts';

/**
 * Express middleware that rate-limits requests by network, for routes that Express serves ahead of Nest's handlers and
 * their limits.
 */
export function limitByNetwork(requests: Attempts): RequestHandler {
  return ({ ip }: Request, _: Response, next: NextFunction): void => {
    let refusal: unknown;
    try {
      requests.count(networkOf(ip));
    } catch (error) {
      refusal = error;
    }
    next(refusal);
  };
}
