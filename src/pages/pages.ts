import { NextFunction, Request, RequestHandler, Response } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheControl, wholeFiles } from './whole-files';

/** The directories in which `npm run build` puts the pages, relative to dist/src and to src. */
const BUILT = [join(__dirname, '../../../web/dist'), join(__dirname, '../../web/dist')];
/** Matches the paths that belong to the API, the proxy and the health checks, even if there is no such endpoint. */
const OTHERS = /^\/(api|proxy|health)(\/|$)/;
/** The paths of pages. All of them are one document, whose script routes by the same list (web/src/page-at.ts). */
const PAGES = [
  /^\/(sign-in|sign-up|device)\/?$/,
  /^\/me\/(proxy|tokens|sessions|account)\/?$/,
  /^\/orgs\/[a-z0-9-]+\/(api-keys|members)\/?$/,
];

/** Serves the web pages and their files, and passes all other requests to the API. Responds with 503 if they were not built. */
export function pages(): RequestHandler {
  const root = BUILT.find((folder) => existsSync(join(folder, 'index.html')));
  const files = root === undefined ? undefined : wholeFiles(root, setHeaders);
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!['GET', 'HEAD'].includes(request.method) || OTHERS.test(request.path)) {
      next();
    } else if (request.path === '/') {
      response.redirect(302, '/me/proxy/');
    } else if (root === undefined || files === undefined) {
      response.status(503).type('text').send('The web pages are not built. Run: npm run build\n');
    } else {
      files(request, response, () => {
        const isPage = PAGES.some((page) => page.test(request.path));
        if (!isPage && !isNavigation(request)) next();
        else response.status(isPage ? 200 : 404).sendFile('index.html', { root, cacheControl: false });
      });
    }
  };
}

/** Tells whether a browser navigates to the path, as its Accept names HTML. A tool's doesn't, and it gets the API's 404 in JSON. */
function isNavigation({ headers }: Request): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

/** Sets the caching of a file: names in `assets` contain a hash of the content, so these files can be cached forever. */
function setHeaders(response: Response, path: string): void {
  const isHashed = /[\\/]assets[\\/]/.test(path);
  response.setHeader('Cache-Control', cacheControl(isHashed));
}
