import { NextFunction, Request, Response } from 'express';
import { ApiException } from './api.exception';

/** What the explorer's page loads. `swagger-ui-init.js` is made here; the others come with Swagger UI. */
const FILES: ReadonlySet<string> = new Set([
  '/swagger-ui.css',
  '/swagger-ui-bundle.js',
  '/swagger-ui-standalone-preset.js',
  '/swagger-ui-init.js',
  '/favicon-16x16.png',
  '/favicon-32x32.png',
]);

/**
 * Express middleware for everything below the explorer's path: its page and the files that this loads, by these very
 * names. Nest would serve the whole package, which says in a file what version of the software runs here.
 */
export function explorerFilesAlone({ path }: Request, _response: Response, next: NextFunction): void {
  if (path === '/' || FILES.has(path)) next();
  else next(new ApiException('not_found', 'The explorer has no such file. Its page is at /api/docs.'));
}
