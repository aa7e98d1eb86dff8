import { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

type Middleware = (request: Request, response: Response, next: NextFunction) => void;

/**
 * Express middleware that sets the security headers of the API and the pages. Only the explorer may use inline styles,
 * which Swagger UI needs.
 */
export function securityHeaders(publicUrl: string): Middleware {
  const strict = policy(publicUrl, []);
  const explorer = policy(publicUrl, ["'unsafe-inline'"]);
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store'); // responses hold tokens
    (request.path.startsWith('/api/docs') ? explorer : strict)(request, response, next);
  };
}

function policy(publicUrl: string, inlineStyles: string[]): Middleware {
  const https = publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", ...inlineStyles],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: https ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
  }) as Middleware;
}
