import { RequestHandler, Response } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheControl, wholeFiles } from './whole-files';

/** The directories in which `npm run pack:cli` puts the packages, relative to dist/src and to src. */
const BUILT = [join(__dirname, '../../cli'), join(__dirname, '../../dist/cli')];

/**
 * Serves the npm package of the tracevault command under /cli/, so that anyone who can reach the server can install the
 * matching version without a registry: `npm install -g http://server/cli/tracevault.tgz`. Responds with 503 if the package was
 * not built.
 */
export function cliPackage(): RequestHandler {
  const root = BUILT.find((folder) => existsSync(join(folder, 'tracevault.tgz')));
  if (root !== undefined) return wholeFiles(root, setHeaders);
  return ({ path }, response, next): void => {
    if (!path.endsWith('.tgz')) next();
    else response.status(503).type('text').send('The command is not packed. Run: npm run build\n');
  };
}

function setHeaders(response: Response, path: string): void {
  response.setHeader('Content-Type', 'application/gzip');
  response.setHeader('Cache-Control', cacheControl(/tracevault-[^\\/]+\.tgz$/.test(path)));
}
