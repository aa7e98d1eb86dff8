import { NextFunction, Request, Response } from 'express';
import { ApiException } from './api.exception';

/** The files that the explorer's page loads. `swagger-ui-init.js` is generated here; the others come with Swagger UI. */
const FILES: ReadonlySet<string> = new Set([
  '/swagger-ui.css',
  '/swagger-ui-bundle.js',
  '/swagger-ui-standalone-preset.js',
  '/swagger-ui-init.js',
  '/favicon-16x16.png',
  '/favicon-32x32.png',
]);

/**
 * Express middleware below the explorer's path that serves only its page and the files that the page loads. Nest would
 * serve the whole package, including a file that reveals the installed version.
 */
export function explorerFilesAlone({ path }: Request, _response: Response, next: NextFunction): void {
  if (path === '/' || FILES.has(path)) next();
  else next(new ApiException('not_found', 'The explorer has no such file. Its page is at /api/docs.'));
}
