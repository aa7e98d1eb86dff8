import { NextFunction, Request, RequestHandler, Response } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PageDocument } from './page-document';
import { pagePaths } from './page-paths';
import { cacheControl, wholeFiles } from './whole-files';

/** The directories in which `npm run build` puts the pages, relative to dist/src and to src. */
const BUILT = [join(__dirname, '../../../web/dist'), join(__dirname, '../../web/dist')];
/** Matches the paths that belong to the API, the proxy and the health checks, even if there is no such endpoint. */
const OTHERS = /^\/(api|proxy|health)(\/|$)/;

/** Serves the web pages and their files, and passes all other requests to the API. Responds with 503 if they were not built. */
export function pages(): RequestHandler {
  const root = BUILT.find((folder) => existsSync(join(folder, 'index.html')));
  const serve = root === undefined ? refuse : built(root);
  return (request, response, next): void => {
    if (!['GET', 'HEAD'].includes(request.method) || OTHERS.test(request.path)) next();
    else serve(request, response, next);
  };
}

function refuse(_request: Request, response: Response): void {
  response.status(503).type('text').send('The web pages are not built. Run: npm run build\n');
}

/** Serves what `npm run build` has put in the folder: files by their names, and one document for all paths of pages. */
function built(root: string): RequestHandler {
  const files = wholeFiles(root, setHeaders);
  const document = new PageDocument(root);
  const isPage = pagePaths(root);
  return (request: Request, response: Response, next: NextFunction): void => {
    void files(request, response, () => {
      const exists = isPage(request.path);
      if (!exists && !isNavigation(request)) next();
      else document.send(request, response.status(exists ? 200 : 404));
    });
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
