import { NextFunction, Request, RequestHandler, Response } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheControl, wholeFiles } from './whole-files';

/** Where `npm run build` puts the pages: beside the sources, whether this file runs from dist/src or from src. */
const BUILT = [join(__dirname, '../../../web/dist'), join(__dirname, '../../web/dist')];
/** What is not the pages' to answer, found or not. */
const OTHERS = /^\/(api|proxy|health)(\/|$)/;
/** One document is all pages; its script reads the path, with the same list (web/src/page-at.ts). */
const PAGES = [
  /^\/(sign-in|sign-up|device)\/?$/,
  /^\/me\/(proxy|tokens|sessions|account)\/?$/,
  /^\/orgs\/[a-z0-9-]+\/(api-keys|members)\/?$/,
];

/** Serves the web pages. Everything that is not one of them goes on to the API. */
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

/** A browser that goes to an address asks for HTML; a tool takes anything, and is told in JSON that there is nothing. */
function isNavigation({ headers }: Request): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

/** Names of built files carry a hash of what is in them. */
function setHeaders(response: Response, path: string): void {
  const isHashed = /[\\/]assets[\\/]/.test(path);
  response.setHeader('Cache-Control', cacheControl(isHashed));
}
